import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Action, SCOPES } from '#access';
import { aKey, anImpossibleKey } from '../harness/api-key.js';
import { aBox, aGrant } from '../harness/box.js';
import type { Client } from '../harness/client.js';
import { anItem } from '../harness/item.js';
import { aMember, anAwsIdentity } from '../harness/principals.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';

jest.setTimeout(60_000);

const HOUR_MS = 60 * 60 * 1000;
const inHours = (hours: number): string => new Date(Date.now() + hours * HOUR_MS).toISOString();

/** The boxes of the stories: two that are there, and three that nobody of this workspace can have. */
const BOXES = ['A', 'B', 'absent', 'deleted', 'foreign'] as const;
type Box = (typeof BOXES)[number];

interface Order {
  scopes?: readonly string[];
  boxes?: readonly Box[];
  expiresAt?: string | null;
  more?: object;
}

type Refusal = 'beyond_own_rights' | 'box_not_found' | 'validation_failed' | 'forbidden' | 'expiry_not_possible' | 'any_box_with_list';
const STATUS = { box_not_found: 404, validation_failed: 400, expiry_not_possible: 400, any_box_with_list: 400 } as const;

const FROM = {
  'a Super Admin': 'superAdmin',
  'a Super Admin who reads box A': 'reader',
  'a Super Admin who writes box A': 'writer',
  'a Super Admin who owns box A': 'boxOwner',
  'the Owner': 'owner',
  'a key for box A that reads': 'keyOfA',
  'a key that sees vaults': 'vaultKey',
  'a key that reads every box': 'readerKey',
  'a key for one hour': 'hourKey',
  'a key that may open every box, for box A': 'anyBoxKeyOfA',
  'a key with every scope': 'fullKey',
} as const;
type Maker = keyof typeof FROM;

const REFUSED: readonly [maker: Maker, what: string, order: Order, refusal: Refusal][] = [
  ['a Super Admin', 'reading every box', { scopes: ['item:read'] }, 'beyond_own_rights'],
  ['a Super Admin', 'opening a box that is closed to them', { scopes: ['item:unseal'], boxes: ['A'] }, 'box_not_found'],
  ['a Super Admin', 'managing a box that is closed to them', { scopes: ['box:manage'], boxes: ['A'] }, 'box_not_found'],
  ['a Super Admin', 'managing every box', { scopes: ['box:manage'] }, 'beyond_own_rights'],
  ['a Super Admin', 'one scope of boxes among many of the workspace', { scopes: ['vault:read', 'item:export'] }, 'beyond_own_rights'],
  ['a Super Admin', 'a closed box in the list of a key that needs none', { scopes: ['vault:read'], boxes: ['A'] }, 'box_not_found'],
  ['a Super Admin', 'handing out every box', { scopes: ['access:any_box'] }, 'beyond_own_rights'],
  ['a Super Admin', 'every scope there is', { scopes: SCOPES }, 'beyond_own_rights'],
  ['a Super Admin', 'a key for ever', { scopes: ['vault:read'], expiresAt: null }, 'beyond_own_rights'],
  ['a Super Admin', 'a key for six years', { scopes: ['vault:read'], expiresAt: inHours(6 * 366 * 24) }, 'expiry_not_possible'],
  ['a Super Admin', 'handing over the workspace', { scopes: ['owner:transfer'] }, 'validation_failed'],
  ['a Super Admin', 'sessions', { scopes: ['session:manage'] }, 'validation_failed'],
  ['a Super Admin', 'making workspaces', { scopes: ['workspace:create'] }, 'validation_failed'],
  ['a Super Admin', 'a wildcard', { scopes: ['*'] }, 'validation_failed'],
  ['a Super Admin', 'part of a scope', { scopes: ['item'] }, 'validation_failed'],
  ['a Super Admin', 'what every object has', { scopes: ['constructor'] }, 'validation_failed'],
  ['a Super Admin', 'another maker', { scopes: ['vault:read'], more: { createdBy: randomUUID() } }, 'validation_failed'],
  ['a Super Admin', 'another workspace', { scopes: ['vault:read'], more: { workspaceId: randomUUID() } }, 'validation_failed'],
  ['a Super Admin who reads box A', 'writing it', { scopes: ['item:read', 'item:seal'], boxes: ['A'] }, 'beyond_own_rights'],
  ['a Super Admin who reads box A', 'deleting in it', { scopes: ['item:delete'], boxes: ['A'] }, 'beyond_own_rights'],
  ['a Super Admin who reads box A', 'exporting from it', { scopes: ['item:export'], boxes: ['A'] }, 'beyond_own_rights'],
  ['a Super Admin who reads box A', 'managing it', { scopes: ['box:manage'], boxes: ['A'] }, 'beyond_own_rights'],
  ['a Super Admin who reads box A', 'reading another one too', { scopes: ['item:read'], boxes: ['A', 'B'] }, 'box_not_found'],
  ['a Super Admin who reads box A', 'leaving out the list', { scopes: ['item:read'] }, 'beyond_own_rights'],
  ['a Super Admin who reads box A', 'a list that is null', { scopes: ['item:read'], more: { boxIds: null } }, 'beyond_own_rights'],
  ['a Super Admin who reads box A', 'an empty list', { scopes: ['item:read'], boxes: [] }, 'validation_failed'],
  ['a Super Admin who writes box A', 'exporting from it', { scopes: ['item:export'], boxes: ['A'] }, 'beyond_own_rights'],
  ['a Super Admin who writes box A', 'managing it', { scopes: ['item:seal', 'box:manage'], boxes: ['A'] }, 'beyond_own_rights'],
  ['a Super Admin who owns box A', 'owning every box', { scopes: ['box:manage'] }, 'beyond_own_rights'],
  ['a key for box A that reads', 'reading another one', { scopes: ['item:read'], boxes: ['B'] }, 'box_not_found'],
  ['a key for box A that reads', 'leaving out the list', { scopes: ['item:read'] }, 'beyond_own_rights'],
  ['a key for box A that reads', 'opening what it only reads', { scopes: ['item:unseal'], boxes: ['A'] }, 'beyond_own_rights'],
  ['a key for box A that reads', 'a scope of the workspace', { scopes: ['vault:read'] }, 'beyond_own_rights'],
  ['a key that sees vaults', 'managing members', { scopes: ['member:manage'] }, 'beyond_own_rights'],
  ['a key that sees vaults', 'managing vaults', { scopes: ['vault:read', 'vault:manage'] }, 'beyond_own_rights'],
  ['a key that sees vaults', 'reading every box', { scopes: ['item:read'] }, 'beyond_own_rights'],
  ['a key that sees vaults', 'reading one box', { scopes: ['item:read'], boxes: ['A'] }, 'beyond_own_rights'],
  ['a key that sees vaults', 'handing out every box', { scopes: ['access:any_box'] }, 'beyond_own_rights'],
  ['a key that sees vaults', 'a key for ever', { scopes: ['vault:read'], expiresAt: null }, 'beyond_own_rights'],
  ['a key that reads every box', 'opening what it only reads', { scopes: ['item:unseal'] }, 'beyond_own_rights'],
  ['a key that reads every box', 'opening it in one box', { scopes: ['item:unseal'], boxes: ['A'] }, 'beyond_own_rights'],
  ['a key for one hour', 'a key for two', { scopes: ['vault:read'], expiresAt: inHours(2) }, 'beyond_own_rights'],
  ['a key for one hour', 'a key for ever', { scopes: ['vault:read'], expiresAt: null }, 'beyond_own_rights'],
  ['a key that may open every box, for box A', 'another box', { scopes: ['item:read'], boxes: ['B'] }, 'box_not_found'],
  ['a key that may open every box, for box A', 'leaving out the list', { scopes: ['item:read'] }, 'beyond_own_rights'],
  ['a key that may open every box, for box A', 'a key for ever', { scopes: ['api_key:manage'], expiresAt: null }, 'beyond_own_rights'],
  ['the Owner', 'a box that is not there', { scopes: ['item:read'], boxes: ['A', 'absent'] }, 'box_not_found'],
  ['the Owner', 'a box that was deleted', { scopes: ['item:read'], boxes: ['deleted'] }, 'box_not_found'],
  ['the Owner', 'a box of another workspace', { scopes: ['item:read'], boxes: ['foreign'] }, 'box_not_found'],
  ['a key with every scope', 'a box of another workspace', { scopes: ['item:read'], boxes: ['foreign'] }, 'box_not_found'],
  ['a key with every scope', 'every box, and only one', { scopes: ['access:any_box'], boxes: ['A'] }, 'any_box_with_list'],
  ['the Owner', 'one scope twice', { scopes: ['item:read', 'item:read'] }, 'validation_failed'],
  ['the Owner', 'one box twice', { scopes: ['item:read'], boxes: ['A', 'A'] }, 'validation_failed'],
  ['the Owner', 'no scope', { scopes: [] }, 'validation_failed'],
  ['the Owner', 'a key that has ended', { scopes: ['item:read'], expiresAt: inHours(-1) }, 'expiry_not_possible'],
  ['the Owner', 'a day that is on no calendar', { scopes: ['item:read'], expiresAt: '2030-02-30T00:00:00Z' }, 'validation_failed'],
];

const GRANTED: readonly [maker: Maker, what: string, order: Order][] = [
  ['a Super Admin', 'what Super Admins do', { scopes: ['vault:manage', 'member:manage', 'api_key:manage', 'box:create', 'audit:read'] }],
  ['a Super Admin', 'a key for an hour', { scopes: ['vault:read'], expiresAt: inHours(1) }],
  ['a Super Admin who reads box A', 'reading it', { scopes: ['box:read', 'item:read', 'item:unseal'], boxes: ['A'] }],
  ['a Super Admin who writes box A', 'writing it', { scopes: ['item:seal', 'item:delete'], boxes: ['A'] }],
  ['a Super Admin who owns box A', 'owning it', { scopes: ['item:export', 'box:manage'], boxes: ['A'] }],
  ['the Owner', 'boxes that are closed to them', { scopes: ['item:unseal'], boxes: ['A', 'B'] }],
  ['the Owner', 'every box, for ever', { scopes: ['item:unseal', 'access:any_box'], expiresAt: null }],
  ['a key with every scope', 'every scope', { scopes: SCOPES, expiresAt: null }],
  ['a key for box A that reads', 'reading it', { scopes: ['item:read', 'api_key:manage'], boxes: ['A'] }],
  ['a key that reads every box', 'reading every box', { scopes: ['item:read'] }],
  ['a key for one hour', 'a key for half of it', { scopes: ['vault:read'], expiresAt: inHours(0.5) }],
  ['a key that may open every box, for box A', 'reading box A', { scopes: ['item:read'], boxes: ['A'] }],
];

describe('nobody makes a key that can be or reach more than themselves', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  const boxIds = {} as Record<Box, string>;
  const makers = {} as Record<(typeof FROM)[Maker], Client>;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    acme = await keyhold.aWorkspace('Acme');
    const ownerGroupId = (await acme.call('POST', '/groups', { name: 'Nobody' })).body.id as string;
    const closed = { ownerGroupId };
    Object.assign(boxIds, { A: await aBox(acme, closed), B: await aBox(acme, closed), absent: randomUUID(), deleted: await aBox(acme) });
    await keyhold.database.asAdmin('UPDATE boxes SET deleted_at = now() WHERE box_id = $1', [boxIds.deleted]);
    boxIds.foreign = (await keyhold.aWorkspace('Globex')).defaultBoxId;
    makers.owner = (await aMember(keyhold, acme, 'owner')).call;
    makers.superAdmin = (await aMember(keyhold, acme, 'super_admin')).call;
    for (const [maker, role] of [
      ['reader', 'read'],
      ['writer', 'write'],
      ['boxOwner', 'owner'],
    ] as const) {
      const { memberId, call } = await aMember(keyhold, acme, 'super_admin');
      await aGrant(acme, boxIds.A, { kind: 'user', memberId }, role);
      makers[maker] = call;
    }
    const key = async (scopes: Action[], more: { boxIds?: string[]; expiresAt?: string } = {}) =>
      (await aKey(keyhold, acme, { scopes: ['api_key:manage', ...scopes], ...more })).call;
    makers.fullKey = acme.call;
    makers.keyOfA = await key(['item:read'], { boxIds: [boxIds.A] });
    makers.vaultKey = await key(['vault:read']);
    makers.readerKey = await key(['item:read']);
    makers.hourKey = await key(['vault:read'], { expiresAt: inHours(1) });
    const contradictory = { scopes: ['api_key:manage', 'access:any_box', 'item:read'] as const, boxIds: [boxIds.A] };
    makers.anyBoxKeyOfA = (await anImpossibleKey(keyhold, acme, contradictory)).call;
  });
  afterAll(() => keyhold.stop());

  const bodyOf = ({ scopes, boxes, expiresAt, more }: Order) => ({
    name: 'Key',
    scopes,
    ...(boxes && { boxIds: boxes.map((box) => boxIds[box]) }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...more,
  });
  const keys = () =>
    keyhold.database.asAdmin<{ id: string }>('SELECT api_key_id AS id FROM api_keys WHERE workspace_id = $1 ORDER BY 1', [acme.id]);

  test.each(REFUSED)('%s: %s', async (maker, _what, order, code) => {
    const before = await keys();
    const answer = await makers[FROM[maker]]('POST', '/api-keys', bodyOf(order));
    expect(answer).toMatchObject({ status: (STATUS as Partial<Record<Refusal, number>>)[code] ?? 403, body: { code } });
    expect(await keys()).toEqual(before);
    if (code !== 'beyond_own_rights') return;
    const { body } = await acme.call('GET', `/audit-events?requestId=${answer.headers.get('x-request-id') ?? ''}`);
    expect(body.data).toMatchObject([{ type: 'access.refused', details: { reason: code } }]);
  });

  test.each(GRANTED)('%s may make one for %s', async (maker, _what, order) => {
    const made = await makers[FROM[maker]]('POST', '/api-keys', bodyOf(order));
    expect(made).toMatchObject({ status: 201, body: { apiKey: { scopes: order.scopes, status: 'active' } } });
  });

  test('a box that is closed to somebody is told like one that is not there', async () => {
    const ask = (box: Box) => makers.superAdmin('POST', '/api-keys', bodyOf({ scopes: ['item:read'], boxes: [box] }));
    const answers = await Promise.all(BOXES.map(ask));
    const bodies = answers.map(({ status, body }) => JSON.stringify({ status, ...(body as object), requestId: undefined }));
    expect(new Set(bodies).size).toBe(1);
  });

  test('a key that says nothing of its end does not outlive the key that made it', async () => {
    const { call } = await aKey(keyhold, acme, { scopes: ['api_key:manage'], expiresAt: inHours(3) });
    const { body } = await acme.call('GET', '/api-keys?limit=1');
    const made = await call('POST', '/api-keys', { name: 'Child', scopes: ['api_key:manage'] });
    expect(made.body.apiKey.expiresAt).toBe(body.data[0].expiresAt);
  });

  test('what a box gave a moment ago is given no more', async () => {
    const { memberId, call } = await aMember(keyhold, acme, 'super_admin');
    const grantId = await aGrant(acme, boxIds.A, { kind: 'user', memberId }, 'read');
    const ask = () => call('POST', '/api-keys', bodyOf({ scopes: ['item:read'], boxes: ['A'] }));
    expect(await ask()).toMatchObject({ status: 201 });
    await acme.call('DELETE', `/boxes/${boxIds.A}/grants/${grantId}`);
    expect(await ask()).toMatchObject({ status: 404, body: { code: 'box_not_found' } });
  });

  test('who was demoted, suspended or revoked a moment ago makes none, whatever a node still remembers', async () => {
    const [demoted, suspended] = [await aMember(keyhold, acme, 'super_admin'), await aMember(keyhold, acme, 'super_admin')];
    const revoked = await aKey(keyhold, acme, { scopes: ['api_key:manage', 'api_key:read'] });
    for (const { call } of [demoted, suspended, revoked]) expect(await call('GET', '/api-keys')).toMatchObject({ status: 200 });
    await makers.owner('PATCH', `/members/${demoted.memberId}`, { role: 'admin' });
    await makers.owner('PATCH', `/members/${suspended.memberId}`, { status: 'suspended' });
    await makers.owner('DELETE', `/api-keys/${revoked.id}`);
    for (const { call } of [demoted, suspended, revoked])
      expect(await call('POST', '/api-keys', bodyOf({ scopes: ['api_key:read'] }))).toMatchObject({
        status: 403,
        body: { code: 'forbidden' },
      });
  });

  test('Admins, Users and AWS identities make none', async () => {
    const callers = [await aMember(keyhold, acme, 'admin'), await aMember(keyhold, acme, 'user'), await anAwsIdentity(keyhold, acme)];
    for (const { call } of callers)
      expect(await call('POST', '/api-keys', bodyOf({ scopes: ['vault:read'] }))).toMatchObject({
        status: 403,
        body: { code: 'forbidden' },
      });
  });

  test('people make one only after showing who they are', async () => {
    const { call, sessionId } = await aMember(keyhold, acme, 'super_admin');
    await keyhold.database.asAdmin(`UPDATE sessions SET confirmed_at = now() - interval '16 minutes' WHERE session_id = $1`, [sessionId]);
    const refused = await call('POST', '/api-keys', bodyOf({ scopes: ['vault:read'] }));
    expect(refused).toMatchObject({ status: 403, body: { code: 'confirmation_required' } });
  });

  test('the Owner opens a closed box to a service and not to themselves', async () => {
    const itemId = await anItem(acme, { secret: 'box' }, { boxId: boxIds.B });
    expect(await makers.owner('POST', `/items/${itemId}/unseal`)).toMatchObject({ status: 404 });
    const { call } = await aKey(keyhold, acme, { scopes: ['item:unseal'], boxIds: [boxIds.B] }, makers.owner);
    expect(await call('POST', `/items/${itemId}/unseal`)).toMatchObject({ status: 200 });
  });
});
