import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { aClient } from '../harness/client.js';
import { anItem } from '../harness/item.js';
import { anAwsIdentity } from '../harness/principals.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';
import { type Browser, type Person, aFreshCode, aPerson, join, signIn, trySignIn, withCookie } from '../harness/sign-in.js';

jest.setTimeout(60_000);

let keyhold: Keyhold;
let acme: Workspace;
let ada: Person;

beforeAll(async () => {
  keyhold = await startKeyhold();
  acme = await keyhold.aWorkspace('Acme');
  ada = await aPerson(keyhold, acme);
});
afterAll(() => keyhold.stop());

/** A node that remembers nothing. */
const elsewhere = async (browser: Browser) => withCookie(await keyhold.anotherNode(), acme, browser);

describe('a session', () => {
  test('says who one is, and nothing that its cookie holds', async () => {
    const browser = await signIn(keyhold, ada);
    const { status, body, text } = await browser.call('GET', '/session');
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        id: browser.sessionId,
        workspaceId: acme.id,
        member: { id: ada.memberId, email: ada.email, role: 'user' },
        csrfToken: browser.csrfToken,
        expiresAt: browser.expiresAt,
      },
    });
    expect(text).not.toContain(browser.token);
  });

  test('is another one at each sign-in, whatever cookie was sent along', async () => {
    const first = await signIn(keyhold, ada);
    const second = await trySignIn(keyhold, ada, {}, { headers: { cookie: `__Host-keyhold-session=${first.token}` } });
    expect(second.status).toBe(200);
    expect(second.headers.get('set-cookie')).not.toContain(first.token);
    expect(second.body.sessionId).not.toBe(first.sessionId);
  });

  test('ends at its time, however much it was used', async () => {
    const browser = await signIn(keyhold, ada);
    await browser.call('GET', '/session');
    await keyhold.database.asAdmin(`UPDATE sessions SET expires_at = now() - interval '1 second' WHERE session_id = $1`, [
      browser.sessionId,
    ]);
    expect(await (await elsewhere(browser))('GET', '/session')).toMatchObject({ status: 401 });
  });

  test('that signs out is over at once here and elsewhere, and its cookie is taken away', async () => {
    const browser = await signIn(keyhold, ada);
    const answer = await browser.call('DELETE', '/session');
    expect(answer.status).toBe(204);
    expect(answer.headers.get('set-cookie')).toBe('__Host-keyhold-session=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0');
    expect(answer.headers.get('clear-site-data')).toBe('"cache", "storage"');
    expect(await browser.call('GET', '/session')).toMatchObject({ status: 401 });
    expect(await (await elsewhere(browser))('GET', '/session')).toMatchObject({ status: 401 });
  });

  test('is listed to its owner alone, and ended by its owner alone', async () => {
    const [mine, another, bobs] = [
      await signIn(keyhold, ada),
      await signIn(keyhold, ada),
      await signIn(keyhold, await aPerson(keyhold, acme)),
    ];
    const { body } = await mine.call('GET', '/sessions');
    const listed = body.data as { id: string; isCurrent: boolean }[];
    expect(listed.find(({ isCurrent }) => isCurrent)?.id).toBe(mine.sessionId);
    expect(listed.map(({ id }) => id)).toContain(another.sessionId);
    expect(listed.map(({ id }) => id)).not.toContain(bobs.sessionId);
    expect(await mine.call('DELETE', `/sessions/${bobs.sessionId}`)).toMatchObject({ status: 404, body: { code: 'session_not_found' } });
    expect(await mine.call('DELETE', `/sessions/${another.sessionId}`)).toMatchObject({ status: 204 });
    expect(await (await elsewhere(another))('GET', '/session')).toMatchObject({ status: 401 });
    expect(await bobs.call('GET', '/session')).toMatchObject({ status: 200 });
  });

  test('is nothing for services and AWS identities to have', async () => {
    const aws = await anAwsIdentity(keyhold, acme);
    for (const call of [acme.call, aws.call])
      for (const path of ['/session', '/sessions'])
        expect(await call('GET', path)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  test.each([
    ['suspended', (id: string) => acme.call('PATCH', `/members/${id}`, { status: 'suspended' }), 200],
    ['removed', (id: string) => acme.call('DELETE', `/members/${id}`), 204],
  ] as const)('of somebody who is %s is over with its next request', async (_what, act, status) => {
    const person = await aPerson(keyhold, acme);
    const browser = await signIn(keyhold, person);
    expect((await act(person.memberId)).status).toBe(status);
    expect(await (await elsewhere(browser))('GET', '/session')).toMatchObject({ status: 401 });
    expect(await trySignIn(keyhold, person)).toMatchObject({ status: 401, body: { code: 'sign_in_refused' } });
  });

  test('of somebody whose password was changed is over, but for the one that changed it', async () => {
    const person = await aPerson(keyhold, acme);
    const [here, other] = [await signIn(keyhold, person), await signIn(keyhold, person)];
    const newPassword = 'seven grey herons at noon';
    const body = { password: person.password, totpCode: await aFreshCode(keyhold, person), newPassword };
    expect(await here.call('PUT', '/password', body)).toMatchObject({ status: 204 });
    expect(await (await elsewhere(here))('GET', '/session')).toMatchObject({ status: 200 });
    expect(await (await elsewhere(other))('GET', '/session')).toMatchObject({ status: 401 });
    expect(await trySignIn(keyhold, person)).toMatchObject({ status: 401 });
    expect(await trySignIn(keyhold, { ...person, password: newPassword })).toMatchObject({ status: 200 });
  });
});

describe('with a cookie', () => {
  const REFUSED = { status: 403, body: { code: 'csrf_refused' } };
  let browser: Browser;
  beforeAll(async () => {
    browser = await signIn(keyhold, ada);
  });
  const changing = (headers: Record<string, string>) => browser.call('POST', '/session/confirm', { password: 'x' }, headers);
  const origin = () => keyhold.url;

  test.each<[string, () => Record<string, string>]>([
    ['no CSRF token', () => ({ 'x-csrf-token': '' })],
    ['the CSRF token of another session', () => ({ 'x-csrf-token': 'A'.repeat(43) })],
    ['a foreign origin', () => ({ origin: 'https://evil.example' })],
    ['an origin that is none', () => ({ origin: 'null' })],
    ['another port of our host', () => ({ origin: 'http://127.0.0.1:1' })],
    ['a page of another site', () => ({ 'sec-fetch-site': 'cross-site' })],
    ['a page of another host of the same site', () => ({ 'sec-fetch-site': 'same-site' })],
  ])('%s changes nothing', async (_what, headers) => {
    expect(await changing(headers())).toMatchObject(REFUSED);
  });

  test('our own pages are let through', async () => {
    const passed = await changing({ origin: origin(), 'sec-fetch-site': 'same-origin' });
    expect(passed).toMatchObject({ status: 403, body: { code: 'identity_not_confirmed' } });
  });

  test('looking needs no token, and is not for pages of others', async () => {
    expect(await browser.call('GET', '/session', undefined, { 'x-csrf-token': '' })).toMatchObject({ status: 200 });
    expect(await browser.call('GET', '/session', undefined, { 'sec-fetch-site': 'cross-site' })).toMatchObject(REFUSED);
  });

  test('nobody is signed in from the page of another site', async () => {
    const foreign: Record<string, string>[] = [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }];
    for (const headers of foreign) expect(await trySignIn(keyhold, ada, {}, { headers })).toMatchObject(REFUSED);
  });
});

describe('what loses or exposes data', () => {
  const UNCONFIRMED = { status: 403, body: { code: 'confirmation_required', title: 'Confirm your identity to continue' } };

  test('is open to a member for 15 minutes after sign-in, and again once they have confirmed who they are', async () => {
    const world = await keyhold.aWorkspace();
    const { person, browser } = await join(keyhold, world, world.ownerInvitation);
    const itemId = await anItem(world, { secret: 'box' });
    const acts: (() => Promise<unknown>)[] = [
      () => fresh('POST', `/items/${itemId}/unseal`),
      () => fresh('GET', `/items/${itemId}/export`),
      () => fresh('DELETE', `/items/${itemId}`),
    ];
    expect(await browser.call('POST', `/items/${itemId}/unseal`)).toMatchObject({ status: 200 });
    await keyhold.database.asAdmin(`UPDATE sessions SET confirmed_at = now() - interval '16 minutes' WHERE session_id = $1`, [
      browser.sessionId,
    ]);
    const fresh = withCookie(await keyhold.anotherNode(), world, browser);
    for (const act of acts) expect(await act()).toMatchObject(UNCONFIRMED);
    const wrong = { password: 'not the password', totpCode: await aFreshCode(keyhold, person) };
    expect(await fresh('POST', '/session/confirm', wrong)).toMatchObject({ status: 403, body: { code: 'identity_not_confirmed' } });
    for (const act of acts) expect(await act()).toMatchObject(UNCONFIRMED);
    const right = { password: person.password, totpCode: await aFreshCode(keyhold, person) };
    expect(await fresh('POST', '/session/confirm', right)).toMatchObject({ status: 200 });
    expect(await fresh('POST', `/items/${itemId}/unseal`)).toMatchObject({ status: 200, body: { payload: { secret: 'box' } } });
  });

  test('is not confirmed with a code that was used', async () => {
    const person = await aPerson(keyhold, acme);
    const code = await aFreshCode(keyhold, person);
    const answer = await trySignIn(keyhold, person, { totpCode: code, as: 'token' });
    const call = aClient(`${keyhold.url}/v1/workspaces/${acme.id}`, answer.body.token as string);
    const again = { password: person.password, totpCode: code };
    expect(await call('POST', '/session/confirm', again)).toMatchObject({ status: 403, body: { code: 'identity_not_confirmed' } });
  });
});
