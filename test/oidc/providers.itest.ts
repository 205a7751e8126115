import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { OpenIdProvider } from '../harness/openid-provider.js';
import { aMember, letGroupRead } from '../harness/principals.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';
import { aBrowser, aMappedGroup, aProviderAt, cameBack, invited, placeOf, registered, sentBackTo, startOf, told } from './oidc-world.js';

jest.setTimeout(60_000);

/** Where a provider that does not behave is. */
const STRANGE = 2;
const DISCOVERY = '/.well-known/openid-configuration';

describe('identity providers of a workspace', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  let corp: OpenIdProvider;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    acme = await keyhold.aWorkspace('Acme');
    corp = await aProviderAt(keyhold, 0);
  });
  afterAll(() => keyhold.stop());

  const order = (more: object = {}) => ({ name: `Login ${randomUUID()}`, issuer: corp.issuer, clientId: 'keyhold', ...more });
  const register = (more: object = {}) => acme.call('POST', '/identity-providers', order(more));
  const rows = () => keyhold.database.asAdmin('SELECT name FROM identity_providers ORDER BY name');

  describe('are managed', () => {
    test('without their secret being told again, and with the address to send people back to', async () => {
      const { status, body } = await register({ name: 'Corp', clientSecret: 'hush-hush-hush', groupsClaim: 'groups' });
      expect({ status, body }).toEqual({
        status: 201,
        body: {
          id: expect.any(String),
          name: 'Corp',
          issuer: corp.issuer,
          clientId: 'keyhold',
          hasClientSecret: true,
          groupsClaim: 'groups',
          linksActiveMembers: false,
          redirectUri: `${keyhold.url}/v1/sign-in/oidc/callback/${body.id}`,
          createdAt: expect.any(String),
          updatedAt: expect.any(String),
        },
      });
      const path = `/identity-providers/${body.id}`;
      expect((await acme.call('GET', path)).body).toEqual(body);
      const changed = await acme.call('PATCH', path, { name: 'Corp login', clientSecret: 'another-secret' });
      expect(changed.body).toEqual({ ...body, name: 'Corp login', updatedAt: expect.any(String) });
      expect((await acme.call('GET', '/identity-providers')).body.data).toContainEqual(changed.body);
      expect(await acme.call('DELETE', path)).toMatchObject({ status: 204 });
      expect(await acme.call('GET', path)).toMatchObject({ status: 404, body: { code: 'identity_provider_not_found' } });
      const [updated] = await told(acme, 'identity_provider.updated');
      expect(updated?.details).toMatchObject({ before: { name: 'Corp' }, after: { name: 'Corp login' }, clientSecretChanged: true });
    });

    test('under names of their own', async () => {
      const { body } = await register({ name: 'Once' });
      expect(await register({ name: 'ONCE' })).toMatchObject({ status: 409, body: { code: 'identity_provider_name_taken' } });
      const other = await register();
      const renamed = await acme.call('PATCH', `/identity-providers/${other.body.id}`, { name: 'once' });
      expect(renamed).toMatchObject({ status: 409, body: { code: 'identity_provider_name_taken' } });
      for (const id of [body.id, other.body.id]) await acme.call('DELETE', `/identity-providers/${id}`);
    });

    test('by their workspace alone', async () => {
      const globex = await keyhold.aWorkspace();
      const { id } = await registered(globex, corp);
      const foreign = await acme.call('GET', `/identity-providers/${id}`);
      const absent = await acme.call('GET', `/identity-providers/${randomUUID()}`);
      const without = ({ text }: { text: string }) => text.replace(/"requestId":"[^"]*"/, '');
      expect(without(foreign)).toBe(without(absent));
      expect(await acme.call('PATCH', `/identity-providers/${id}`, { name: 'Mine' })).toMatchObject({ status: 404 });
      expect(await acme.call('DELETE', `/identity-providers/${id}`)).toMatchObject({ status: 404 });
    });

    test.each(['admin', 'user'] as const)('not by an %s', async (role) => {
      const member = await aMember(keyhold, acme, role);
      expect(await member.call('GET', '/identity-providers')).toMatchObject({ status: 403 });
      expect(await member.call('POST', '/identity-providers', order())).toMatchObject({ status: 403 });
    });

    test('up to twenty of them', async () => {
      const globex = await keyhold.aWorkspace();
      const made = await Promise.all(Array.from({ length: 20 }, () => globex.call('POST', '/identity-providers', order())));
      expect(new Set(made.map(({ status }) => status))).toEqual(new Set([201]));
      const more = await globex.call('POST', '/identity-providers', order());
      expect(more).toMatchObject({ status: 409, body: { code: 'identity_provider_limit' } });
    });

    test('and stay while groups are filled by them', async () => {
      const login = await registered(acme, corp);
      const groupId = await aMappedGroup(acme, login, 'crew');
      const path = `/identity-providers/${login.id}`;
      expect(await acme.call('DELETE', path)).toMatchObject({ status: 409, body: { code: 'identity_provider_in_use' } });
      expect(await acme.call('DELETE', `/groups/${groupId}`)).toMatchObject({ status: 204 });
      expect(await acme.call('DELETE', path)).toMatchObject({ status: 204 });
    });
  });

  describe('open to a Super Admin nothing that is not theirs', () => {
    test('neither members who are active, nor boxes of groups', async () => {
      const [owner, manager] = [await aMember(keyhold, acme, 'owner'), await aMember(keyhold, acme, 'super_admin')];
      const trusting = { linksActiveMembers: true };
      expect(await manager.call('POST', '/identity-providers', order(trusting))).toMatchObject({ status: 403 });
      const own = await manager.call('POST', '/identity-providers', order());
      expect(own).toMatchObject({ status: 201 });
      const path = `/identity-providers/${own.body.id}`;
      expect(await manager.call('PATCH', path, trusting)).toMatchObject({ status: 403 });
      expect(await manager.call('PATCH', path, { groupsClaim: 'department' })).toMatchObject({ status: 403 });
      expect(await owner.call('PATCH', path, { ...trusting, groupsClaim: 'groups' })).toMatchObject({ status: 200 });
      expect(await manager.call('PATCH', path, { clientId: 'mine' })).toMatchObject({ status: 403 });
      expect(await manager.call('PATCH', path, { groupsClaim: 'department' })).toMatchObject({ status: 403 });
      expect(await manager.call('PATCH', path, { linksActiveMembers: false, name: 'Less' })).toMatchObject({ status: 200 });
    });

    test('and a claim that fills groups of boxes is the one that was chosen for it', async () => {
      const login = await registered(acme, corp);
      const groupId = await aMappedGroup(acme, login, 'crew');
      await letGroupRead(keyhold, acme, groupId);
      const subject = randomUUID();
      corp.accounts.set(subject, { subject, email: `${subject}@acme.example`, email_verified: true, name: 'crew' });
      const memberId = await invited(acme, `${subject}@acme.example`);
      await cameBack(aBrowser(keyhold), startOf(keyhold, acme, login), subject);
      expect(await keyhold.database.asAdmin('SELECT 1 FROM group_members WHERE member_id = $1', [memberId])).toEqual([]);
    });
  });

  test('prove who they are with the secret they were given, and with another nobody comes in until it is corrected', async () => {
    const login = await registered(acme, corp);
    const subject = randomUUID();
    corp.accounts.set(subject, { subject, email: `${subject}@acme.example`, email_verified: true });
    await invited(acme, `${subject}@acme.example`);
    const path = `/identity-providers/${login.id}`;
    await acme.call('PATCH', path, { clientSecret: 'not-the-secret' });
    expect(await cameBack(aBrowser(keyhold), startOf(keyhold, acme, login), subject)).toMatchObject({ status: 401 });
    expect((await told(acme, 'sign_in.refused'))[0]).toMatchObject({ details: { reason: 'client_refused', providerId: login.id } });
    await acme.call('PATCH', path, { clientSecret: login.client.clientSecret });
    expect(await cameBack(aBrowser(keyhold), startOf(keyhold, acme, login), subject)).toMatchObject({ status: 200 });
  });

  describe('are nowhere but in public', () => {
    const issuers = [
      'http://127.0.0.1',
      'https://127.0.0.1',
      'https://127.0.0.1:1',
      'https://127.1',
      'https://127.0.0.2',
      'https://0.0.0.0',
      'https://0',
      'https://2130706433',
      'https://0x7f000001',
      'https://0x7f.0.0.1',
      'https://017700000001',
      'https://0177.0.0.1',
      'https://localhost',
      'https://LOCALHOST',
      'https://localhost.',
      'https://a.localhost',
      'https://127.0.0.1.',
      `https://${hostname().toLowerCase()}`,
      'https://[::1]',
      'https://[::]',
      'https://[::ffff:127.0.0.1]',
      'https://[::ffff:7f00:1]',
      'https://[::ffff:169.254.169.254]',
      'https://[64:ff9b::a9fe:a9fe]',
      'https://[2002:7f00:1::]',
      'https://[fe80::1]',
      'https://[fd00:ec2::254]',
      'http://169.254.169.254/latest/meta-data',
      'https://169.254.169.254',
      'https://169.254.170.2',
      'https://2852039166',
      'https://0xa9fea9fe',
      'https://168.63.129.16',
      'https://100.100.100.200',
      'https://192.0.0.192',
      'https://metadata.google.internal',
      'https://metadata',
      'https://kubernetes.default.svc',
      'https://10.0.0.1',
      'https://172.16.0.1',
      'https://192.168.0.1',
      'https://100.64.0.1',
      'https://198.18.0.1',
      'https://224.0.0.1',
      'https://255.255.255.255',
      'https://postgres',
      'https://router.local',
      'https://１２７.0.0.1',
      'https://127。0。0。1',
      'https://user@login.acme.example',
      'https://user:pass@login.acme.example',
      'https://login.acme.example?x=1',
      'https://login.acme.example/?',
      'https://login.acme.example#x',
      'https://login.acme.example/#',
      'https://login.acme.example/a/../b',
      'https://Login.acme.example',
      'https://login.acme.example:443',
      'https://login.acme.example\\@127.0.0.1',
      'https://login.acme.example/.well-known/openid-configuration',
      'ftp://login.acme.example',
      'file:///etc/passwd',
      'https://',
      'https:login.acme.example',
      'login.acme.example',
    ];

    test.each(issuers)('%s is refused', async (issuer) => {
      const before = await rows();
      const asked = keyhold.places.flatMap((place) => place.asked).length;
      const { status, body } = await register({ issuer });
      if (status === 422) {
        expect(body).toMatchObject({ code: 'identity_provider_rejected', remedy: expect.stringMatching(/.{20}/) });
        expect(['issuer_not_allowed', 'address_not_allowed']).toContain(body.cause);
      } else expect({ status, code: body.code }).toEqual({ status: 400, code: 'validation_failed' });
      expect(await rows()).toEqual(before);
      expect(keyhold.places.flatMap((place) => place.asked)).toHaveLength(asked);
    });

    test('nor are the places that they name', async () => {
      const place = placeOf(keyhold, STRANGE);
      for (const endpoint of ['token_endpoint', 'jwks_uri', 'userinfo_endpoint', 'authorization_endpoint']) {
        for (const [target, cause] of [
          ['http://127.0.0.1:8420/', 'url_not_allowed'],
          ['https://169.254.169.254/latest', 'address_not_allowed'],
          ['https://[::1]/', 'address_not_allowed'],
          ['javascript:alert(1)', 'url_not_allowed'],
        ] as const) {
          if (endpoint === 'authorization_endpoint' && cause === 'address_not_allowed') continue; // browsers go there, not this service
          place.serve(json({ ...documentOf(place.origin), [endpoint]: target }));
          const { status, body } = await register({ issuer: place.origin });
          expect({ endpoint, target, status, cause: body.cause }).toEqual({ endpoint, target, status: 422, cause });
        }
      }
    });

    test('also when they move there later', async () => {
      const place = placeOf(keyhold, STRANGE);
      const moving = await aProviderAt(keyhold, STRANGE);
      const login = await registered(acme, moving);
      const subject = randomUUID();
      moving.accounts.set(subject, { subject });
      await sentBackTo(aBrowser(keyhold), startOf(keyhold, acme, login), subject); // where it is known to be now
      place.serve(json({ ...documentOf(place.origin), token_endpoint: 'https://169.254.169.254/token' }));
      const node = await keyhold.anotherNode();
      expect(await aBrowser(keyhold).open(startOf(node, acme, login))).toMatchObject({ status: 503 });
    });
  });

  const documentOf = (issuer: string) => ({
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    userinfo_endpoint: `${issuer}/me`,
    response_types_supported: ['code'],
    id_token_signing_alg_values_supported: ['RS256'],
  });
  const json =
    (value: object, status = 200, headers: Record<string, string> = {}): RequestListener =>
    (_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(value));
    };
  const endless: RequestListener = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  };
  const text =
    (type: string, content: string): RequestListener =>
    (_request, response) =>
      void response.writeHead(200, { 'content-type': type }).end(content);

  describe('are told what is wrong with them', () => {
    const strange = () => placeOf(keyhold, STRANGE).origin;

    test.each<[string, () => RequestListener, string]>([
      ['does not answer', () => () => undefined, 'too_slow'],
      [
        'answers one byte and no more',
        () => (_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{'),
        'too_slow',
      ],
      ['hangs up', () => (request) => void request.socket.destroy(), 'not_reachable'],
      ['answers without end', () => endless, 'too_large'],
      ['redirects', () => json({}, 302, { location: `${corp.issuer}${DISCOVERY}` }), 'redirected'],
      ['redirects to metadata', () => json({}, 307, { location: 'http://169.254.169.254/' }), 'redirected'],
      ['has no such page', () => json({}, 404), 'bad_status'],
      ['is out of order', () => json({}, 500), 'bad_status'],
      ['answers a page', () => text('text/html', '<html>'), 'not_json'],
      ['answers compressed', () => json({}, 200, { 'content-encoding': 'gzip' }), 'not_json'],
      ['answers what is no JSON', () => text('application/json', '{'), 'not_conform'],
      ['answers a list', () => text('application/json', '[]'), 'not_conform'],
      ['says nothing', () => json({}), 'not_conform'],
      ['is another', () => json(documentOf(corp.issuer)), 'issuer_differs'],
      ['is nearly the same', () => json(documentOf(`${strange()}/x`)), 'issuer_differs'],
      ['is no URL', () => json({ ...documentOf(strange()), issuer: 'x' }), 'not_conform'],
      ['has no keys', () => json({ ...documentOf(strange()), jwks_uri: undefined }), 'not_conform'],
      ['has no token endpoint', () => json({ ...documentOf(strange()), token_endpoint: 7 }), 'not_conform'],
      ['has nowhere to go to', () => json({ ...documentOf(strange()), authorization_endpoint: undefined }), 'not_conform'],
    ])('one that %s', async (_what, serving, cause) => {
      const before = await rows();
      placeOf(keyhold, STRANGE).serve(serving());
      const { status, body } = await register({ issuer: strange() });
      expect({ status, code: body.code, cause: body.cause }).toEqual({ status: 422, code: 'identity_provider_rejected', cause });
      expect(body.remedy).toMatch(/.{20}/);
      expect(await rows()).toEqual(before);
    });

    test('one whose certificate nobody vouches for', async () => {
      const node = await keyhold.anotherNode({ NODE_EXTRA_CA_CERTS: '' });
      const { body } = await fetch(`${node.url}/v1/workspaces/${acme.id}/identity-providers`, {
        method: 'POST',
        headers: { authorization: `Bearer ${acme.token}`, 'content-type': 'application/json' },
        body: JSON.stringify(order()),
      }).then(async (response) => ({ body: (await response.json()) as { cause: string } }));
      expect(body.cause).toBe('not_reachable');
    });
  });

  describe('that fail while somebody signs in', () => {
    test.each<[string, string, () => RequestListener]>([
      ['token endpoint does not answer', '/token', () => () => undefined],
      ['token endpoint is out of order', '/token', () => json({}, 500)],
      ['token endpoint redirects', '/token', () => json({}, 307, { location: 'https://169.254.169.254/' })],
      ['token endpoint answers without end', '/token', () => endless],
      ['keys cannot be read', '/jwks', () => json({}, 503)],
    ])('whose %s let nobody in, say so, and it was no try', async (_what, path, serving) => {
      const strange = await aProviderAt(keyhold, STRANGE);
      const login = await registered(acme, strange);
      const subject = randomUUID();
      strange.accounts.set(subject, { subject, email: `${subject}@acme.example`, email_verified: true });
      await invited(acme, `${subject}@acme.example`);
      const browser = aBrowser(keyhold);
      const url = await sentBackTo(browser, startOf(keyhold, acme, login), subject);
      const stop = placeOf(keyhold, STRANGE).instead(path, serving());
      const answer = await browser.open(url);
      stop();
      expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': expect.any(String) } });
      expect(JSON.parse(answer.text)).toMatchObject({ code: 'identity_provider_unavailable' });
      expect(answer.text).not.toContain(strange.issuer);
      expect(await cameBack(browser, startOf(keyhold, acme, login), subject)).toMatchObject({ status: 200 });
    });

    test('which are asked once by many who come together, and not again at once when they are down', async () => {
      const place = placeOf(keyhold, STRANGE);
      const login = await registered(acme, await aProviderAt(keyhold, STRANGE));
      const node = await keyhold.anotherNode();
      place.serve(json({}, 500));
      place.asked.length = 0;
      const answers = await Promise.all(Array.from({ length: 30 }, () => aBrowser(keyhold).open(startOf(node, acme, login))));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
      expect(place.asked).toEqual([`GET ${DISCOVERY}`]);
    });
  });
});
