import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type ServiceKey, aKey } from '../harness/api-key.js';
import { aBox } from '../harness/box.js';
import { type Client, aClient, told } from '../harness/client.js';
import { eventsOf } from '../harness/events.js';
import { anItem } from '../harness/item.js';
import { type SignedInMember, aMember } from '../harness/principals.js';
import { type Keyhold, type Node, type Workspace, startKeyhold } from '../harness/service.js';

jest.setTimeout(60_000);

const DAY_MS = 24 * 60 * 60 * 1000;

describe('a key of a service', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  let owner: SignedInMember;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    acme = await keyhold.aWorkspace('Acme');
    owner = await aMember(keyhold, acme, 'owner');
  });
  afterAll(() => keyhold.stop());

  const at = (node: Node, { token }: { token: string }): Client => aClient(`${node.url}/v1/workspaces/${acme.id}`, token);
  const eventsAbout = async (id: string, type: string) =>
    (await eventsOf(acme.call, { type })).filter(({ details }) => details['apiKeyId'] === id);
  const shown = async (id: string) => (await acme.call('GET', `/api-keys/${id}`)).body as Record<string, unknown>;

  test('is made by a person, shown once, and kept as its digest', async () => {
    const boxId = await aBox(acme);
    const order = { name: 'Deploy robot', scopes: ['item:read', 'item:unseal', 'vault:read'], boxIds: [boxId] };
    const made = await owner.call('POST', '/api-keys', order);
    expect(made.status).toBe(201);
    const { apiKey, token } = made.body as { apiKey: Record<string, unknown> & { id: string }; token: string };
    expect(token).toMatch(new RegExp(`^khw_${acme.id.replaceAll('-', '')}_[A-Za-z0-9_-]{43}$`));
    expect(apiKey).toEqual({
      id: expect.any(String),
      ...order,
      createdBy: owner.memberId,
      createdAt: expect.any(String),
      expiresAt: expect.any(String),
      lastUsedAt: null,
      status: 'active',
    });
    expect(Math.abs(Date.parse(apiKey['expiresAt'] as string) - Date.now() - 365 * DAY_MS)).toBeLessThan(DAY_MS / 24);
    expect(await shown(apiKey.id)).toEqual(apiKey);
    const [row] = await keyhold.database.asAdmin('SELECT * FROM api_keys WHERE api_key_id = $1', [apiKey.id]);
    expect(row).toMatchObject({ token_sha256: createHash('sha256').update(token).digest(), revoked_at: null });
    const [list, events] = await Promise.all([acme.call('GET', '/api-keys?limit=100'), acme.call('GET', '/audit-events?limit=100')]);
    for (const text of [list.text, events.text, keyhold.log(), JSON.stringify(row)]) expect(text).not.toContain(token.slice(-43));
    expect(await eventsAbout(apiKey.id, 'api_key.created')).toEqual([
      expect.objectContaining({
        principal: { kind: 'member', role: 'owner', id: owner.memberId, name: 'The owner' },
        caller: { sessionId: owner.sessionId, email: owner.email },
        sourceAddress: '127.0.0.1',
        details: { apiKeyId: apiKey.id, ...order, expiresAt: apiKey['expiresAt'] },
      }),
    ]);
  });

  test('is listed newest first, also when it has ended', async () => {
    const workspace = await keyhold.aWorkspace();
    const [first, second] = [
      await aKey(keyhold, workspace, { scopes: ['item:read'] }),
      await aKey(keyhold, workspace, { scopes: ['item:read'] }),
    ];
    await workspace.call('DELETE', `/api-keys/${first.id}`);
    const page = await workspace.call('GET', '/api-keys?limit=2');
    expect(page.body.data).toMatchObject([
      { id: second.id, status: 'active' },
      { id: first.id, status: 'revoked' },
    ]);
    const rest = await workspace.call('GET', `/api-keys?limit=2&cursor=${page.body.nextCursor as string}`);
    expect(rest.body).toMatchObject({
      data: [{ name: 'First key', createdBy: 'operator', expiresAt: null, boxIds: null }],
      nextCursor: null,
    });
  });

  describe('with a list of boxes', () => {
    let inside: string;
    let outside: string;
    let itemInside: string;
    let itemOutside: string;
    let limited: ServiceKey;

    beforeAll(async () => {
      [inside, outside] = [await aBox(acme), await aBox(acme)];
      [itemInside, itemOutside] = [await anItem(acme, {}, { boxId: inside }), await anItem(acme, {}, { boxId: outside })];
      const scopes = ['box:read', 'box:manage', 'item:read', 'item:seal', 'item:unseal', 'item:delete', 'item:export'] as const;
      limited = await aKey(keyhold, acme, { scopes, boxIds: [inside] });
    });

    test('works in these, and in all others as if they were not there', async () => {
      expect(await limited.call('POST', `/items/${itemInside}/unseal`)).toMatchObject({ status: 200 });
      expect((await limited.call('GET', '/items')).body.data).toMatchObject([{ id: itemInside }]);
      expect((await limited.call('GET', '/boxes')).body.data).toMatchObject([{ id: inside }]);
      const gone = await anItem(acme, {}, { boxId: inside });
      await acme.call('DELETE', `/items/${gone}`);
      for (const [method, suffix, body] of [
        ['GET', ''],
        ['PUT', '', { payload: {} }],
        ['DELETE', ''],
        ['GET', '/versions'],
        ['POST', '/unseal'],
        ['GET', '/export'],
      ] as const) {
        const [absent, refused] = await Promise.all([gone, itemOutside].map((id) => limited.call(method, `/items/${id}${suffix}`, body)));
        expect(refused && told(refused)).toBe(absent && told(absent));
        expect(refused).toMatchObject({ status: 404, body: { code: 'item_not_found' } });
      }
      const sealed = await limited.call('POST', '/items', { kind: 'secret', name: 'n', boxId: outside, payload: {} });
      expect(sealed).toMatchObject({ status: 404, body: { code: 'box_not_found' } });
      expect(await limited.call('GET', `/boxes/${outside}`)).toMatchObject({ status: 404, body: { code: 'box_not_found' } });
      expect(await limited.call('GET', `/boxes/${outside}/grants`)).toMatchObject({ status: 404, body: { code: 'box_not_found' } });
    });

    test('seals and opens nothing that lies in no box', async () => {
      const sealed = (await acme.call('POST', '/seal', { context: 'c', payload: {} })).body.sealed as string;
      expect(await limited.call('POST', '/seal', { context: 'c', payload: {} })).toMatchObject({
        status: 403,
        body: { code: 'forbidden' },
      });
      expect(await limited.call('POST', '/unseal', { context: 'c', sealed })).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    });
  });

  test('ends when it expires, and is shown as expired', async () => {
    const expiresAt = new Date(Date.now() + 1_000).toISOString();
    const key = await aKey(keyhold, acme, { scopes: ['vault:read'], expiresAt });
    let answer = await key.call('GET', '/vaults');
    expect(answer.status).toBe(200);
    while (answer.status === 200) answer = await key.call('GET', '/vaults');
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expiresAt));
    expect(await shown(key.id)).toMatchObject({ status: 'expired', expiresAt });
  });

  test('that is revoked is taken by no node that did not know it, and stays revoked', async () => {
    const key = await aKey(keyhold, acme, { scopes: ['vault:read'] });
    expect(await key.call('GET', '/vaults')).toMatchObject({ status: 200 });
    expect(await owner.call('DELETE', `/api-keys/${key.id}`)).toMatchObject({ status: 204, text: '' });
    const fresh = await keyhold.anotherNode();
    expect(await at(fresh, key)('GET', '/vaults')).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    expect(await shown(key.id)).toMatchObject({ status: 'revoked' });
    const [before] = await keyhold.database.asAdmin('SELECT revoked_at FROM api_keys WHERE api_key_id = $1', [key.id]);
    expect(await owner.call('DELETE', `/api-keys/${key.id}`)).toMatchObject({ status: 204 });
    expect(await keyhold.database.asAdmin('SELECT revoked_at FROM api_keys WHERE api_key_id = $1', [key.id])).toEqual([before]);
    expect(await eventsAbout(key.id, 'api_key.revoked')).toEqual([
      expect.objectContaining({
        principal: expect.objectContaining({ kind: 'member', role: 'owner' }),
        caller: { sessionId: owner.sessionId, email: owner.email },
        details: { apiKeyId: key.id, name: expect.any(String), scopes: ['vault:read'], boxIds: null, before: 'active' },
      }),
    ]);
  });

  test('that a node knows stops there as well, without anybody telling the node', async () => {
    const key = await aKey(keyhold, acme, { scopes: ['vault:read'] });
    expect(await key.call('GET', '/vaults')).toMatchObject({ status: 200 });
    await acme.call('DELETE', `/api-keys/${key.id}`);
    let answer = await key.call('GET', '/vaults');
    while (answer.status === 200) answer = await key.call('GET', '/vaults');
    expect(answer.status).toBe(401);
  });

  test('of another workspace, and one that is no id, is like one that is not there', async () => {
    const foreign = await aKey(keyhold, await keyhold.aWorkspace(), { scopes: ['item:read'] });
    for (const method of ['GET', 'DELETE']) {
      const ids = ['00000000-0000-7000-8000-000000000000', foreign.id, 'x', foreign.id.toUpperCase()];
      const answers = await Promise.all(ids.map((id) => acme.call(method, `/api-keys/${id}`)));
      expect(new Set(answers.map(told)).size).toBe(1);
      expect(answers[0]).toMatchObject({ status: 404, body: { code: 'api_key_not_found' } });
    }
    expect(await at(keyhold, foreign)('GET', '/items')).toMatchObject({ status: 404, body: { code: 'workspace_not_found' } });
  });

  test('is nothing any more once somebody else has written into its row', async () => {
    const order = { scopes: ['vault:read'] as const, expiresAt: new Date(Date.now() + DAY_MS).toISOString() };
    const fresh = await keyhold.anotherNode();
    for (const change of [
      `scopes = scopes || '{item:unseal}'`,
      `box_ids = ARRAY['${acme.defaultBoxId}']::uuid[]`,
      `expires_at = NULL`,
      `expires_at = expires_at + interval '1 second'`,
      `token_sha256 = sha256('khw')`,
      `mac = sha256('khw')`,
    ]) {
      const key = await aKey(keyhold, acme, order);
      await keyhold.database.asAdmin(`UPDATE api_keys SET ${change} WHERE api_key_id = $1`, [key.id]);
      expect({ change, status: (await at(fresh, key)('GET', '/vaults')).status }).toEqual({ change, status: 401 });
    }
    expect(await at(fresh, await aKey(keyhold, acme, order))('GET', '/vaults')).toMatchObject({ status: 200 });
  });

  describe('tells when it was last used', () => {
    const noted = async (id: string): Promise<string> => {
      let at: unknown = null;
      while (at === null) at = (await shown(id))['lastUsedAt'];
      return at as string;
    };

    test('also when it was refused, and at most once a minute over all nodes', async () => {
      const key = await aKey(keyhold, acme, { scopes: ['vault:read'] });
      expect(await shown(key.id)).toMatchObject({ lastUsedAt: null });
      expect(await key.call('GET', '/items')).toMatchObject({ status: 403 });
      expect(Math.abs(Date.parse(await noted(key.id)) - Date.now())).toBeLessThan(60_000);
      const row = () => keyhold.database.asAdmin('SELECT xmin::text, last_used_at FROM api_keys WHERE api_key_id = $1', [key.id]);
      const before = await row();
      const other = await keyhold.anotherNode();
      await Promise.all(Array.from({ length: 20 }, () => at(other, key)('GET', '/vaults')));
      await other.stop(); // writes what it has gathered
      expect(await row()).toEqual(before);
    });

    test('and nobody waits for it or fails by it', async () => {
      const key = await aKey(keyhold, acme, { scopes: ['vault:read'] });
      await keyhold.database.asAdmin('BEGIN');
      await keyhold.database.asAdmin('SELECT FROM api_keys WHERE api_key_id = $1 FOR UPDATE', [key.id]);
      const other = await keyhold.anotherNode();
      const statuses = await Promise.all(Array.from({ length: 50 }, async () => (await at(other, key)('GET', '/vaults')).status));
      expect(new Set(statuses)).toEqual(new Set([200]));
      const [stopped] = await Promise.all([other.stop(), keyhold.database.asAdmin('COMMIT')]);
      expect(stopped).toBe(0);
      expect(await shown(key.id)).toMatchObject({ lastUsedAt: expect.any(String) });
    });

    test('as soon as the process that knows it goes', async () => {
      const key = await aKey(keyhold, acme, { scopes: ['vault:read'] });
      const other = await keyhold.anotherNode();
      await at(other, key)('GET', '/vaults');
      await other.stop();
      expect(await shown(key.id)).toMatchObject({ lastUsedAt: expect.any(String) });
    });
  });

  test('nothing of all this was a fault of the service', () => {
    expect(keyhold.log()).not.toContain('"code":"internal"');
  });
});
