import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type JWTPayload, SignJWT, UnsecuredJWT, generateKeyPair } from 'jose';
import type { Browser, Page } from '../harness/browser.js';
import { aClient } from '../harness/client.js';
import { Needles } from '../harness/needles.js';
import type { Account, OpenIdProvider } from '../harness/openid-provider.js';
import { aMember, anInvitedMember } from '../harness/principals.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';
import {
  FLOW,
  type Registered,
  SESSION,
  aBrowser,
  aProviderAt,
  cameBack,
  invited,
  isCallback,
  placeOf,
  registered,
  sentBackTo,
  startOf,
  told,
} from './oidc-world.js';

jest.setTimeout(60_000);

describe('who comes back from an OpenID provider', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  let corp: OpenIdProvider;
  let partner: OpenIdProvider;
  let login: Registered;
  const needles = new Needles();

  beforeAll(async () => {
    keyhold = await startKeyhold();
    acme = await keyhold.aWorkspace('Acme');
    [corp, partner] = await Promise.all([aProviderAt(keyhold, 0), aProviderAt(keyhold, 1)]);
    login = await registered(acme, corp);
    needles.add('the secret of a client', Buffer.from(login.client.clientSecret));
  });
  afterAll(() => keyhold.stop());

  const anAccount = (account: Partial<Account> = {}, provider = corp): string => {
    const subject = randomUUID();
    provider.accounts.set(subject, { subject, email: emailOf(subject), email_verified: true, ...account });
    return subject;
  };
  const emailOf = (subject: string) => `${subject}@acme.example`;
  const somebodyInvited = async (account: Partial<Account> = {}): Promise<string> => {
    const subject = anAccount(account);
    await invited(acme, emailOf(subject));
    return subject;
  };
  const start = (provider = login, returnTo?: string) => startOf(keyhold, acme, provider, returnTo);
  const codeOf = ({ text }: Page) => (JSON.parse(text) as { code: string }).code;
  const sessions = async (): Promise<number> =>
    (await keyhold.database.asAdmin<{ count: number }>('SELECT count(*)::integer AS count FROM sessions'))[0]?.count ?? -1;
  const tokensAsked = () => [0, 1].map((index) => placeOf(keyhold, index).asked.filter((asked) => asked === 'POST /token').length);

  /** Nobody was let in, and the trail says why, while the answer says nothing. */
  async function expectRefused(browser: Browser, answer: Page, reason: string): Promise<void> {
    expect(answer).toMatchObject({ status: 401, headers: { 'content-type': 'application/problem+json; charset=utf-8' } });
    expect(codeOf(answer)).toBe('sign_in_refused');
    expect(browser.cookie(keyhold.url, SESSION)).toBeUndefined();
    expect(browser.cookie(keyhold.url, FLOW)).toBeUndefined();
    expect((await told(acme, 'sign_in.refused'))[0]).toMatchObject({ details: { method: 'oidc', reason, providerId: login.id } });
  }

  describe('in a flow that is not theirs', () => {
    test('is nobody in a browser that did not leave, and the provider is not asked', async () => {
      const url = await sentBackTo(aBrowser(keyhold), start(), await somebodyInvited());
      const asked = tokensAsked();
      const answer = await aBrowser(keyhold).open(url);
      expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 400, code: 'sign_in_not_begun' });
      expect(tokensAsked()).toEqual(asked);
    });

    test('is nobody with the answer that another browser got, although it left too', async () => {
      const [ada, eve] = [await somebodyInvited(), await somebodyInvited()];
      const victim = aBrowser(keyhold);
      await sentBackTo(victim, start(), ada);
      expect(codeOf(await victim.open(await sentBackTo(aBrowser(keyhold), start(), eve)))).toBe('sign_in_not_begun');
    });

    test('is nobody with the code of another flow under the state of this one', async () => {
      const [ada, eve] = [await somebodyInvited(), await somebodyInvited()];
      const browser = aBrowser(keyhold);
      const mine = new URL(await sentBackTo(browser, start(), ada));
      const other = new URL(await sentBackTo(aBrowser(keyhold), start(), eve));
      mine.searchParams.set('code', other.searchParams.get('code') ?? '');
      await expectRefused(browser, await browser.open(mine.href), 'code_refused');
    });

    test.each<[string, (url: URL) => void]>([
      ['another state', (url) => url.searchParams.set('state', randomBytes(32).toString('base64url'))],
      ['no state', (url) => url.searchParams.delete('state')],
      ['an empty state', (url) => url.searchParams.set('state', '')],
    ])('is nobody with %s', async (_what, change) => {
      const browser = aBrowser(keyhold);
      const url = new URL(await sentBackTo(browser, start(), await somebodyInvited()));
      change(url);
      expect(codeOf(await browser.open(url.href))).toBe('sign_in_not_begun');
    });

    test.each<[string, (url: URL) => void, string]>([
      ['two states', (url) => url.searchParams.append('state', 'x'), 'answer_not_valid'],
      ['two codes', (url) => url.searchParams.append('code', 'x'), 'answer_not_valid'],
      ['no code', (url) => url.searchParams.delete('code'), 'answer_not_valid'],
      ['a code that is none', (url) => url.searchParams.set('code', 'x'), 'code_refused'],
      ['another issuer', (url) => url.searchParams.set('iss', 'https://127.0.0.1:1'), 'answer_not_valid'],
      ['two issuers', (url) => url.searchParams.append('iss', 'https://127.0.0.1:1'), 'answer_not_valid'],
      ['no issuer, where the provider always names it', (url) => url.searchParams.delete('iss'), 'answer_not_valid'],
      ['an error beside the code', (url) => url.searchParams.set('error', 'login_required'), 'provider_refused'],
    ])('is nobody with %s', async (_what, change, reason) => {
      const browser = aBrowser(keyhold);
      const url = new URL(await sentBackTo(browser, start(), await somebodyInvited()));
      change(url);
      await expectRefused(browser, await browser.open(url.href), reason);
    });

    test.each(['', 'x', 'AAAA'.repeat(100), 'x'.repeat(5_000), 'ä'])('is nobody with the cookie %.8s', async (cookie) => {
      const browser = aBrowser(keyhold);
      const url = await sentBackTo(browser, start(), await somebodyInvited());
      browser.setCookie(keyhold.url, FLOW, cookie);
      expect(codeOf(await browser.open(url))).toBe('sign_in_not_begun');
    });

    test('is nobody with a cookie in which one character is another', async () => {
      const browser = aBrowser(keyhold);
      const url = await sentBackTo(browser, start(), await somebodyInvited());
      const cookie = browser.cookie(keyhold.url, FLOW) ?? '';
      browser.setCookie(keyhold.url, FLOW, `${cookie.slice(0, 40)}${cookie[40] === 'A' ? 'B' : 'A'}${cookie.slice(41)}`);
      expect(codeOf(await browser.open(url))).toBe('sign_in_not_begun');
    });

    test.each([
      ['nonce', 'answer_not_valid'],
      ['code_challenge', 'code_refused'],
    ])('is nobody when the %s was changed on the way to the provider', async (name, reason) => {
      const ada = await somebodyInvited();
      const browser = aBrowser(keyhold);
      const there = new URL((await browser.open(start(), (url) => url.startsWith(corp.issuer))).url);
      there.searchParams.set(name, randomBytes(32).toString('base64url'));
      const form = await browser.follow(keyhold.url, there.href);
      await expectRefused(browser, await browser.submit(form, { account: ada }), reason);
    });
  });

  describe('by the answer of another provider', () => {
    test('is nobody: where one sends people back to, the flow of another is none, and neither is asked', async () => {
      const other = await registered(acme, partner);
      const eve = anAccount({}, partner);
      await invited(acme, emailOf(eve));
      const browser = aBrowser(keyhold);
      const url = await sentBackTo(browser, start(other), eve);
      const flow = browser.cookie(keyhold.url, FLOW) ?? '';
      await sentBackTo(browser, start(login), await somebodyInvited()); // another flow, begun since
      const asked = tokensAsked();
      expect(codeOf(await browser.open(url))).toBe('sign_in_not_begun');
      browser.setCookie(keyhold.url, FLOW, flow);
      expect(codeOf(await browser.open(url.replace(other.id, login.id)))).toBe('sign_in_not_begun');
      expect(tokensAsked()).toEqual(asked);
    });

    test('is nobody when a provider sends them on to another one, whose code it would then be given', async () => {
      const malicious = await registered(acme, partner);
      const honest = new URL((await aBrowser(keyhold).open(start(login), (url) => url.startsWith(corp.issuer))).url);
      const victim = aBrowser(keyhold);
      const there = new URL((await victim.open(start(malicious), (url) => url.startsWith(partner.issuer))).url);
      honest.searchParams.set('state', there.searchParams.get('state') ?? '');
      const asked = tokensAsked();
      const form = await victim.follow(partner.issuer, honest.href);
      expect(codeOf(await victim.submit(form, { account: await somebodyInvited() }))).toBe('sign_in_not_begun');
      const toItself = new URL(honest);
      toItself.searchParams.set('redirect_uri', malicious.redirectUri);
      expect(await victim.follow(partner.issuer, toItself.href)).toMatchObject({ status: 400, url: toItself.href });
      expect(tokensAsked()).toEqual(asked);
    });
  });

  test('comes in once: the same answer again lets nobody in, with the cookie of its flow or without', async () => {
    const browser = aBrowser(keyhold);
    const url = await sentBackTo(browser, start(), await somebodyInvited());
    const flow = browser.cookie(keyhold.url, FLOW) ?? '';
    expect(await browser.open(url)).toMatchObject({ status: 200 });
    const before = await sessions();
    expect(codeOf(await browser.open(url))).toBe('sign_in_not_begun');
    const thief = aBrowser(keyhold);
    thief.setCookie(keyhold.url, FLOW, flow);
    await expectRefused(thief, await thief.open(url), 'code_refused');
    expect(await sessions()).toBe(before);
  });

  test('comes in at most once when the same answer comes four times together', async () => {
    const browser = aBrowser(keyhold);
    const url = await sentBackTo(browser, start(), await somebodyInvited());
    const before = await sessions();
    const answers = await Promise.all(Array.from({ length: 4 }, () => browser.open(url)));
    const inside = answers.filter(({ status }) => status === 200).length;
    expect(inside).toBeLessThanOrEqual(1);
    expect(await sessions()).toBe(before + inside);
  });

  describe('is nobody for what is said of them', () => {
    test.each<[string, Partial<Account>, string]>([
      ['an address that is not verified', { email_verified: false }, 'email_not_verified'],
      ['an address that is verified as text', { email_verified: 'true' }, 'email_not_verified'],
      ['an address with a line break', { email: 'ada@acme.example\nx' }, 'email_not_verified'],
      ['an address that is empty', { email: '' }, 'email_not_verified'],
    ])('%s', async (_what, account, reason) => {
      const browser = aBrowser(keyhold);
      await expectRefused(browser, await cameBack(browser, start(), await somebodyInvited(account)), reason);
    });

    test('an address that is nobody’s here: nobody enrols themselves', async () => {
      const [browser, stranger] = [aBrowser(keyhold), anAccount()];
      await expectRefused(browser, await cameBack(browser, start(), stranger), 'unknown_person');
      expect(await keyhold.database.asAdmin('SELECT 1 FROM members WHERE email = $1', [emailOf(stranger)])).toEqual([]);
    });

    test('an address of somebody whom this provider knows as another, also in other letters', async () => {
      const ada = await somebodyInvited();
      await cameBack(aBrowser(keyhold), start(), ada);
      const browser = aBrowser(keyhold);
      const impostor = anAccount({ email: emailOf(ada).toUpperCase() });
      await expectRefused(browser, await cameBack(browser, start(), impostor), 'linked_to_another_subject');
    });

    test('an address of an invitation that is over', async () => {
      const ada = anAccount();
      await anInvitedMember(keyhold, acme, emailOf(ada), { expiresAt: new Date(Date.now() - 1_000) });
      const browser = aBrowser(keyhold);
      await expectRefused(browser, await cameBack(browser, start(), ada), 'invitation_expired');
    });

    test('an address of an invitation that was withdrawn', async () => {
      const [ada, issuer] = [anAccount(), await aMember(keyhold, acme, 'admin')];
      expect(await issuer.call('POST', '/members', { email: emailOf(ada), role: 'user' })).toMatchObject({ status: 201 });
      expect(await acme.call('DELETE', `/members/${issuer.memberId}`)).toMatchObject({ status: 204 });
      const browser = aBrowser(keyhold);
      await expectRefused(browser, await cameBack(browser, start(), ada), 'invitation_expired');
    });

    test.each(['owner', 'super_admin'] as const)(
      'the address of an invited %s, by a provider that was not trusted with it',
      async (role) => {
        const globex = await keyhold.aWorkspace();
        const theirs = await registered(globex, corp);
        const email = role === 'owner' ? 'owner@workspace.example' : `${randomUUID()}@acme.example`;
        if (role === 'super_admin') await anInvitedMember(keyhold, globex, email, { role });
        const answer = await cameBack(aBrowser(keyhold), startOf(keyhold, globex, theirs), anAccount({ email }));
        expect(answer).toMatchObject({ status: 401 });
        expect((await told(globex, 'sign_in.refused'))[0]).toMatchObject({ details: { reason: 'link_not_allowed', account: email } });
      },
    );

    test('somebody who was suspended', async () => {
      const ada = anAccount();
      const memberId = await invited(acme, emailOf(ada));
      await cameBack(aBrowser(keyhold), start(), ada);
      expect(await acme.call('PATCH', `/members/${memberId}`, { status: 'suspended' })).toMatchObject({ status: 200 });
      const browser = aBrowser(keyhold);
      await expectRefused(browser, await cameBack(browser, start(), ada), 'member_suspended');
    });

    test('whoever did not want to', async () => {
      const browser = aBrowser(keyhold);
      await expectRefused(browser, await cameBack(browser, start(), ''), 'provider_refused');
    });

    test('and is told the same, whatever it was', async () => {
      const unknown = await cameBack(aBrowser(keyhold), start(), anAccount());
      const unverified = await cameBack(aBrowser(keyhold), start(), await somebodyInvited({ email_verified: false }));
      const said = ({ text }: Page) => ({ ...(JSON.parse(text) as object), requestId: '' });
      expect(said(unknown)).toEqual(said(unverified));
    });
  });

  describe('with an ID token that is', () => {
    /** Comes back with an ID token made by `make` of what would be right. */
    async function withToken(make: (right: JWTPayload) => Promise<string> | string): Promise<[Browser, Page]> {
      const ada = await somebodyInvited();
      const browser = aBrowser(keyhold);
      const there = new URL((await browser.open(start(), (url) => url.startsWith(corp.issuer))).url);
      const form = await browser.follow(keyhold.url, there.href);
      const back = (await browser.submit(form, { account: ada }, isCallback)).url;
      const now = Math.floor(Date.now() / 1000);
      const right = {
        iss: corp.issuer,
        aud: login.client.clientId,
        sub: ada,
        nonce: there.searchParams.get('nonce') ?? '',
        iat: now,
        exp: now + 300,
      };
      const token = await make({ ...right, email: emailOf(ada), email_verified: true, groups: [] });
      const stop = placeOf(keyhold, 0).instead('/token', (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ access_token: 'x', token_type: 'Bearer', id_token: token }));
      });
      try {
        return [browser, await browser.open(back)];
      } finally {
        stop();
      }
    }
    const signedByAnother = async (alg: string, claims: JWTPayload): Promise<string> => {
      const { privateKey } = await generateKeyPair(alg, { extractable: true });
      return new SignJWT(claims).setProtectedHeader({ alg, kid: 'first' }).sign(privateKey);
    };
    const without = (claims: JWTPayload, name: string): JWTPayload =>
      Object.fromEntries(Object.entries(claims).filter(([claim]) => claim !== name));

    test('right: they are in', async () => {
      const [, answer] = await withToken((right) => corp.sign(right));
      expect(answer).toMatchObject({ status: 200 });
    });

    test.each<[string, (right: JWTPayload) => Promise<string> | string]>([
      ['not signed', (right) => new UnsecuredJWT(right).encode()],
      ['signed by another key of the same name', (right) => signedByAnother('RS256', right)],
      ['signed in another way than the provider does', (right) => signedByAnother('ES256', right)],
      [
        'signed with the secret of the client',
        (right) => new SignJWT(right).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(login.client.clientSecret)),
      ],
      ['for another client', (right) => corp.sign({ ...right, aud: 'somebody-else' })],
      ['for us among others, at the request of another', (right) => corp.sign({ ...right, aud: [login.client.clientId, 'x'], azp: 'x' })],
      ['of another issuer', (right) => corp.sign({ ...right, iss: partner.issuer })],
      ['expired', (right) => corp.sign({ ...right, exp: Math.floor(Date.now() / 1000) - 60 })],
      ['without an end', (right) => corp.sign(without(right, 'exp'))],
      ['of another flow', (right) => corp.sign({ ...right, nonce: 'x' })],
      ['of no flow', (right) => corp.sign(without(right, 'nonce'))],
      ['about nobody', (right) => corp.sign(without(right, 'sub'))],
      ['about somebody with too long a name', (right) => corp.sign({ ...right, sub: 'x'.repeat(256) })],
      ['none at all', () => 'x'],
    ])('%s: nobody is', async (_what, make) => {
      const before = await sessions();
      const [browser, answer] = await withToken(make);
      await expectRefused(browser, answer, 'answer_not_valid');
      expect(await sessions()).toBe(before);
    });
  });

  describe('where somebody wrote into the database', () => {
    const drop = (...ids: string[]) => keyhold.database.asAdmin('DELETE FROM identity_providers WHERE provider_id = ANY ($1)', [ids]);

    test('is nobody by an identity that this service did not write', async () => {
      const victim = await aMember(keyhold, acme, 'admin');
      const eve = anAccount();
      await keyhold.database.asAdmin(
        `INSERT INTO member_identities (workspace_id, provider_id, subject, member_id, mac) VALUES ($1, $2, $3, $4, sha256('x'))`,
        [acme.id, login.id, eve, victim.memberId],
      );
      const browser = aBrowser(keyhold);
      await expectRefused(browser, await cameBack(browser, start(), eve), 'identity_not_genuine');
    });

    test.each([
      ['issuer', `issuer = 'https://127.0.0.1:1'`],
      ['trust', 'links_active_members = true'],
      ['client', `client_id = 'another'`],
      ['groups claim', `groups_claim = 'another'`],
    ])('finds no provider whose %s is another there', async (_what, change) => {
      const changed = await registered(acme, corp);
      await keyhold.database.asAdmin(`UPDATE identity_providers SET ${change} WHERE provider_id = $1`, [changed.id]);
      expect(await aBrowser(keyhold).open(start(changed))).toMatchObject({ status: 404 });
      expect(await acme.call('GET', `/identity-providers/${changed.id}`)).toMatchObject({ status: 404 });
      await drop(changed.id);
    });

    test('finds no provider that was given the secret of another', async () => {
      const [one, other] = [await registered(acme, corp), await registered(acme, corp)];
      await keyhold.database.asAdmin(
        `UPDATE identity_providers SET client_secret_sealed = (SELECT client_secret_sealed FROM identity_providers WHERE provider_id = $2)
         WHERE provider_id = $1`,
        [one.id, other.id],
      );
      expect(await aBrowser(keyhold).open(start(one))).toMatchObject({ status: 404 });
      await drop(one.id, other.id);
    });
  });

  test.each([
    'https://evil.example/',
    '//evil.example/',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    ' //evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    'evil.example',
    '',
    '/"><script>alert(1)</script>',
    '/x" http-equiv="y',
    '/<b>',
    `/${'x'.repeat(512)}`,
    '/ü',
    '/\u0000',
  ])('is sent nowhere but to this host: %j is refused', async (returnTo) => {
    const answer = await aBrowser(keyhold).open(start(login, returnTo));
    expect({ status: answer.status, code: codeOf(answer), hops: answer.way.length }).toEqual({
      status: 400,
      code: 'validation_failed',
      hops: 1,
    });
  });

  test('goes where they wanted to go, as it was written', async () => {
    const browser = aBrowser(keyhold);
    const landed = await cameBack(browser, start(login, "/v1/docs?a='b'&c=(d)#/e"), await somebodyInvited());
    expect(landed.text).toContain('content="0;url=/v1/docs?a=&#39;b&#39;&#38;c=(d)#/e"');
    expect((await browser.goOn(landed)).url).toBe(new URL("/v1/docs?a='b'&c=(d)#/e", keyhold.url).href);
  });

  test('is nobody after too many tries into one workspace, and then the provider is not asked', async () => {
    const node = await keyhold.anotherNode({ KEYHOLD_TRIES_PER_WORKSPACE: '3', KEYHOLD_PUBLIC_URL: keyhold.url });
    const globex = await keyhold.aWorkspace();
    const theirs = await registered(globex, corp);
    const tryOnce = async () => {
      const browser = aBrowser(keyhold);
      const url = new URL(await sentBackTo(browser, startOf(keyhold, globex, theirs), anAccount()));
      browser.setCookie(node.url, FLOW, browser.cookie(keyhold.url, FLOW) ?? '');
      return browser.open(url.href.replace(url.origin, node.url));
    };
    for (let i = 0; i < 3; i += 1) expect(await tryOnce()).toMatchObject({ status: 401 });
    const asked = tokensAsked();
    expect(await tryOnce()).toMatchObject({ status: 429, headers: { 'retry-after': expect.any(String) } });
    expect(tokensAsked()).toEqual(asked);
  });

  test('leaves nothing behind that lets somebody in: no secret, code, flow or session in a log, a row, an event or an answer', async () => {
    const browser = aBrowser(keyhold);
    const url = new URL(await sentBackTo(browser, start(), await somebodyInvited()));
    needles.add('a code', Buffer.from(url.searchParams.get('code') ?? ''));
    needles.add('a flow', Buffer.from((browser.cookie(keyhold.url, FLOW) ?? '').slice(0, 64)));
    const answer = await browser.open(url.href);
    needles.add('a session', Buffer.from((browser.cookie(keyhold.url, SESSION) ?? '').slice(-43)));
    const { text: events } = await acme.call('GET', '/audit-events?limit=100');
    const { text: providers } = await acme.call('GET', '/identity-providers');
    const places = { answer: answer.text, rows: await everyRow(), events, providers, log: keyhold.log() };
    for (const [place, text] of Object.entries(places)) expect({ place, found: needles.in(text) }).toEqual({ place, found: [] });
    expect(needles.in(login.client.clientSecret)).not.toEqual([]);
    expect(places.rows).toContain(login.client.clientId);
  });

  async function everyRow(): Promise<string> {
    const tables = await keyhold.database.asAdmin<{ name: string }>(
      `SELECT quote_ident(table_name) AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
    );
    const texts = await Promise.all(
      tables.map(({ name }) => keyhold.database.asAdmin<{ text: string | null }>(`SELECT string_agg(t::text, ' ') AS text FROM ${name} t`)),
    );
    return texts.map(([row]) => row?.text ?? '').join('\n');
  }

  test('without having left is told so, whatever provider they name', async () => {
    const open = aClient(keyhold.url);
    expect(await open('GET', `/v1/sign-in/oidc/callback/${login.id}?code=x&state=y`)).toMatchObject({ status: 400 });
    expect(await open('GET', `/v1/sign-in/oidc/callback/${randomUUID()}`)).toMatchObject({ status: 400 });
    expect(await open('GET', '/v1/sign-in/oidc/callback/not-an-id')).toMatchObject({ status: 400 });
  });
});
