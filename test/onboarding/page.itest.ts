import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Browser, type Page } from '../harness/browser.js';
import { aClient } from '../harness/client.js';
import { aCustomer } from '../harness/customer.js';
import { ScriptedPage } from '../harness/scripted-page.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';
import { VALUES } from '../harness/setup-link.js';

jest.setTimeout(60_000);

const INVALID = 'This link is not valid. It has expired, was revoked, or is not complete: ask for a new one.';

describe('the page of a link', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  let url: string;
  let browser: Browser;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    browser = new Browser('');
  });
  afterAll(() => keyhold.stop());
  beforeEach(async () => {
    acme = await keyhold.aWorkspace('Acme');
    url = await aLink();
  });

  const aLink = async (order: object = {}): Promise<string> => {
    const { body } = await acme.call('POST', '/aws-setup/links', { name: 'AWS team', showsWorkspaceName: true, ...order });
    return body.url as string;
  };
  const proposals = async (): Promise<{ awsKms: object }[]> => (await acme.call('GET', '/aws-setup/proposals')).body.data as never;

  /** As a person opens it: a browser does not send what stands behind `#`. */
  async function opened(link = url): Promise<ScriptedPage> {
    const page = await browser.open(link.replace(/#.*/, ''));
    const { text: script } = await browser.follow(page.url, new URL('/aws-setup/page.mjs', page.url).href);
    const shown = new ScriptedPage(new URL(link), page.text);
    await shown.run(script);
    return shown;
  }

  test('is the same for everybody, without a cookie, and loads nothing but what this server has', async () => {
    const page = await browser.open(url.replace(/#.*/, ''));
    expect(page.status).toBe(200);
    expect(page.headers['set-cookie']).toBeUndefined();
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
    });
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; /);
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(page.text).not.toMatch(/<script(?![^>]*\ssrc="\/aws-setup\/)|<style|\sstyle=|\son\w+=|https?:\/\//);
    const parts = [...page.text.matchAll(/\s(?:src|href)="(\/[^"]+)"/g)].map(([, path = '']) => path);
    expect(parts.toSorted()).toEqual(['/aws-setup/page.css', '/aws-setup/page.mjs']);
    const types = await Promise.all(parts.map(async (path) => (await loaded(page, path)).headers['content-type']));
    expect(types.toSorted()).toEqual(['text/css; charset=utf-8', 'text/javascript; charset=utf-8']);
  });
  const loaded = (page: Page, path: string): Promise<Page> => browser.follow(page.url, new URL(path, page.url).href);

  test('shows what is to be made, for whom, and the files that make it', async () => {
    const page = await opened();
    expect(page.at('content').hidden).toBe(false);
    expect(page.at('notice').hidden).toBe(true);
    expect(page.at('workspace').textContent).toBe('Acme');
    expect(page.at('principal').textContent).toBe(keyhold.platform.principalArn);
    expect(page.at('external-id').textContent).toBe(acme.id);
    expect([page.at('first-region').textContent, page.at('second-region').textContent]).toEqual(['us-east-2', 'us-west-2']);
    const { body: setup } = await acme.call('GET', '/aws-setup');
    expect(JSON.parse(page.at('trust-policy').textContent)).toEqual(setup.trustPolicy);
    for (const name of ['cloudformation', 'cloudformation-replica', 'terraform', 'cli']) {
      page.click(`save-${name}`);
      const { text, headers } = await acme.call('GET', `/aws-setup/${name}`);
      expect(page.downloads.at(-1)).toMatchObject({ text });
      expect(headers.get('content-disposition')).toContain(page.downloads.at(-1)?.fileName);
      expect(page.at(`show-${name}`).textContent).toBe(text);
    }
  });

  test('sends back what was typed, which becomes a vault', async () => {
    const { target, keyArns } = await aCustomer(keyhold.sandbox, { externalId: acme.id, principalArn: keyhold.platform.principalArn });
    const page = await opened();
    page.type({ 'key-id': ` ${keyArns.replica}`, 'role-arn': `${target.roleArn} ` }, 'form');
    expect([page.at('account-id').value, page.at('key-id').value]).toEqual([target.accountId, target.keyId]);
    await page.submit('form');
    expect(page.at('outcome')).toMatchObject({ hidden: false, textContent: expect.stringContaining('Sent.') });
    expect(page.at('send').disabled).toBe(true);
    const [proposal] = await proposals();
    expect(proposal?.awsKms).toEqual(target);
    const vault = await acme.call('POST', '/vaults', { name: 'Theirs', strategy: 'aws-kms', awsKms: proposal?.awsKms });
    expect(vault).toMatchObject({ status: 201, body: { report: { ok: true } } });
  });

  test('writes account and key into the policy for the console as soon as both are complete', async () => {
    const page = await opened();
    expect(page.at('permission-policy').textContent).toContain('<ACCOUNT_ID>');
    page.type({ 'account-id': VALUES.accountId, 'key-id': VALUES.keyId }, 'form');
    const { body: setup } = await acme.call('GET', `/aws-setup?accountId=${VALUES.accountId}&keyId=${VALUES.keyId}`);
    expect(JSON.parse(page.at('permission-policy').textContent)).toEqual(setup.permissionPolicy);
    expect(page.at('policy-hint').hidden).toBe(true);
  });

  test('says what is wrong with a value, and lets it be sent again', async () => {
    const page = await opened();
    page.type({ 'account-id': '111122223333', 'key-id': VALUES.keyId, 'role-arn': 'arn:aws:iam::444455556666:role/keyhold' }, 'form');
    await page.submit('form');
    expect(page.at('outcome').textContent).toMatch(/account/i);
    expect(page.at('outcome').classes).toContain('wrong');
    expect(page.at('send').disabled).toBe(false);
    page.type({ 'role-arn': '' }, 'form');
    await page.submit('form');
    expect(page.at('outcome').textContent).toBe('All three values are needed.');
    page.type({ 'role-arn': VALUES.roleArn }, 'form');
    await page.submit('form');
    expect(await proposals()).toHaveLength(1);
  });

  test('asks nothing but for its own two things, with the token in a header and without cookies', async () => {
    const page = await opened();
    page.type({ 'account-id': VALUES.accountId, 'key-id': VALUES.keyId, 'role-arn': VALUES.roleArn }, 'form');
    await page.submit('form');
    expect(page.requests.map((request) => request.url)).toEqual([`${keyhold.url}/v1/aws-setup`, `${keyhold.url}/v1/aws-setup/proposals`]);
    const token = new URL(url).hash.slice(1);
    for (const request of page.requests)
      expect(request).toMatchObject({ credentials: 'omit', headers: { authorization: `Bearer ${token}` } });
  });

  test.each(['', '#', '#khl_', '#x'])('tells why it shows nothing with %j behind its address', async (hash) => {
    const page = await opened(`${url.replace(/#.*/, '')}${hash}`);
    expect(page.at('notice')).toMatchObject({ hidden: false, textContent: INVALID });
    expect(page.at('content').hidden).toBe(true);
  });

  test('tells when its link is over', async () => {
    const { body } = await acme.call('GET', '/aws-setup/links');
    const page = await opened();
    await acme.call('DELETE', `/aws-setup/links/${body.data[0].id as string}`);
    page.type({ 'account-id': VALUES.accountId, 'key-id': VALUES.keyId, 'role-arn': VALUES.roleArn }, 'form');
    await page.submit('form');
    expect(page.at('outcome').textContent).toBe(INVALID);
    expect((await opened()).at('notice').textContent).toBe(INVALID);
  });

  test('takes no more when its link takes no more', async () => {
    const holder = aClient(`${keyhold.url}/v1/aws-setup`, new URL(url).hash.slice(1));
    for (let nth = 0; nth < 5; nth += 1) await holder('POST', '/proposals', VALUES);
    const page = await opened();
    expect(page.at('send').disabled).toBe(true);
    expect(page.at('outcome').textContent).toMatch(/^As many values were sent/);
  });

  test('is shown as it was written, whatever the workspace is called', async () => {
    const script = readFileSync('apps/api/src/onboarding/page/page.mjs', 'utf8');
    expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacent|document\.write|eval|Function\(/);
    await acme.call('PATCH', '', { name: '<img src=x onerror=alert(1)>' });
    expect((await opened()).at('workspace').textContent).toBe('<img src=x onerror=alert(1)>');
  });
});
