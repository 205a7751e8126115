import { randomInt, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { type Action, BOX_ACTIONS } from '#access';
import type { AccessEntry, AccessPrincipal } from '#boxes';
import { aBox, aGrant, aGroup } from '../harness/box.js';
import { aMember, anAwsIdentity, anInvitedMember, joinGroup, theOwner } from '../harness/principals.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';
import { type AccessWorld, CALLERS, anAccessWorld, worldPlan } from './access-world.js';

jest.setTimeout(600_000);

const SEED = Number(process.env['SEED'] ?? randomInt(2 ** 31));
const WORLDS = 6;
const APP = 'arn:aws:iam::111122223333:role/App';

interface Access {
  entries: AccessEntry[];
  couldGrant: AccessPrincipal[];
}

describe('who can do what in a box, and why', () => {
  let keyhold: Keyhold;
  let acme: Workspace;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    acme = await keyhold.aWorkspace('Acme');
  });
  afterAll(() => keyhold.stop());

  /** All pages. */
  async function accessTo({ call }: Workspace, boxId: string, limit = 100): Promise<Access> {
    const entries: AccessEntry[] = [];
    let couldGrant: AccessPrincipal[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { status, body } = await call('GET', `/boxes/${boxId}/access?limit=${limit}${cursor && `&cursor=${cursor}`}`);
      expect(status).toBe(200);
      entries.push(...(body.data as AccessEntry[]));
      couldGrant = body.couldGrant as AccessPrincipal[];
      cursor = body.nextCursor as string | null;
    }
    return { entries, couldGrant };
  }

  const ofUser = ({ entries }: Access, memberId: string) =>
    entries.find(({ principal }) => principal.kind === 'user' && principal.memberId === memberId);
  const ofKey = ({ entries }: Access, apiKeyId: string) =>
    entries.find(({ principal }) => principal.kind === 'api_key' && principal.apiKeyId === apiKeyId);
  const now = (entry: AccessEntry | undefined): Action[] => (entry && !entry.notNow ? entry.actions : []);

  test(`is what they can really do, in worlds drawn at random (SEED=${SEED})`, async () => {
    await fc.assert(
      fc.asyncProperty(worldPlan, async (plan) => {
        const world = await anAccessWorld(keyhold, plan);
        const access = await accessTo(world.workspace, world.boxId, 4);
        for (const [memberId, call] of world.members)
          expect({ memberId, can: now(ofUser(access, memberId)) }).toEqual({ memberId, can: call ? await world.doable(call) : [] });
        for (const [apiKeyId, call] of world.keys)
          expect({ apiKeyId, can: now(ofKey(access, apiKeyId)) }).toEqual({ apiKeyId, can: await world.doable(call) });
        for (const caller of CALLERS)
          expect({ caller, can: told(access, caller) }).toEqual({ caller, can: await world.doable(await world.as(caller)) });
        await expectEachIdentityEntryIsExact(world, access);
        expect(access.entries.flatMap((entry) => entry.reasons)).not.toContainEqual(expect.objectContaining({ text: '' }));
        expect(new Set(access.entries.map(({ principal }) => JSON.stringify(principal))).size).toBe(access.entries.length);
      }),
      { seed: SEED, numRuns: WORLDS, endOnFailure: true },
    );
  });

  /** What all entries that mean the caller tell together. */
  function told({ entries }: Access, { uniqueId, meantBy }: (typeof CALLERS)[number]): Action[] {
    const meaning = entries.filter(
      ({ principal: who }) => who.kind === 'iam' && meantBy.includes(who.arn) && [null, uniqueId].includes(who.uniqueId),
    );
    const actions = new Set(meaning.flatMap(now));
    return BOX_ACTIONS.filter((action) => actions.has(action));
  }

  /** Neither more nor less than somebody can who is just whom the entry names. */
  async function expectEachIdentityEntryIsExact(world: AccessWorld, { entries }: Access): Promise<void> {
    for (const entry of entries) {
      if (entry.principal.kind !== 'iam' || entry.notNow) continue;
      const { arn, uniqueId } = entry.principal;
      const someSession = arn.replace(/:iam::(\d+):role\/(\w+)$/, ':sts::$1:assumed-role/$2/some-session');
      const call = await world.as({ arn: someSession, uniqueId: uniqueId ?? 'AROASOMEBODYELSE12345' });
      expect({ arn, uniqueId, can: entry.actions }).toEqual({ arn, uniqueId, can: await world.doable(call) });
    }
  }

  test('has every reason, in words', async () => {
    const user = await aMember(keyhold, acme, 'user');
    const groupId = await aGroup(keyhold, acme, 'Payments');
    const ownerGroupId = await aGroup(keyhold, acme, 'Platform');
    for (const id of [groupId, ownerGroupId]) await joinGroup(keyhold, acme, id, user.memberId);
    const boxId = await aBox(acme, { ownerGroupId });
    const own = await aGrant(acme, boxId, { kind: 'user', memberId: user.memberId }, 'read');
    await aGrant(acme, boxId, { kind: 'group', groupId }, 'write');
    await aGrant(acme, boxId, { kind: 'iam', arn: APP, uniqueId: 'AROAEXAMPLEEXAMPLE123' }, 'read');
    await aGrant(acme, boxId, { kind: 'iam', arn: 'arn:aws:iam::111122223333:root' }, 'write');
    const access = await accessTo(acme, boxId);
    const entry = ofUser(access, user.memberId);
    expect(entry).toMatchObject({ principal: { email: user.email }, role: 'owner', actions: BOX_ACTIONS, notNow: null });
    expect(entry?.reasons).toHaveLength(3);
    expect(entry?.reasons).toEqual(
      expect.arrayContaining([
        { code: 'grant', text: 'grant to user', grantId: own, role: 'read' },
        { code: 'group_grant', text: 'grant to group Payments', grantId: expect.any(String), role: 'write' },
        { code: 'owner_group', text: 'owner group Platform', grantId: expect.any(String), role: 'owner' },
      ]),
    );
    const app = access.entries.filter(({ principal }) => principal.kind === 'iam' && principal.arn === APP);
    expect(app).toMatchObject([
      { principal: { uniqueId: null }, role: 'write', reasons: [{ text: 'account root ARN: every principal of account 111122223333' }] },
      { principal: { uniqueId: 'AROAEXAMPLEEXAMPLE123' }, role: 'write' },
    ]);
    expect(app[1]?.reasons.map(({ text }) => text)).toContain(`grant to role ARN ${APP}, only as AROAEXAMPLEEXAMPLE123`);
    const { entries } = access;
    const first = entries.find(({ principal }) => principal.kind === 'api_key');
    expect(first?.reasons[0]?.text).toMatch(/^API key with scope box:read, .* on every box$/);
  });

  test('shows those who can do nothing at present as such, and why', async () => {
    const invited = await anInvitedMember(keyhold, acme, 'invited@workspace.example');
    const suspended = await aMember(keyhold, acme, 'user');
    await acme.call('PATCH', `/members/${suspended.memberId}`, { status: 'suspended' });
    const boxId = await aBox(acme);
    for (const memberId of [invited, suspended.memberId]) await aGrant(acme, boxId, { kind: 'user', memberId }, 'read');
    await aGrant(acme, boxId, { kind: 'iam', arn: 'arn:aws:iam::111122223333:role/team/App' }, 'read');
    const access = await accessTo(acme, boxId);
    expect(ofUser(access, invited)).toMatchObject({ role: 'read', notNow: { code: 'invited', text: expect.any(String) } });
    expect(ofUser(access, suspended.memberId)).toMatchObject({ role: 'read', notNow: { code: 'suspended' } });
    expect(access.entries.find(({ principal }) => principal.kind === 'iam')).toMatchObject({ notNow: { code: 'never_signs_in' } });
  });

  test('tells apart who could let themselves in', async () => {
    const boxId = await aBox(acme, { ownerGroupId: await aGroup(keyhold, acme) });
    const owner = await theOwner(keyhold, acme);
    const withList = await acme.call('POST', '/api-keys', { name: 'Of one box', scopes: ['item:read'], boxIds: [boxId] });
    const access = await accessTo(acme, boxId);
    expect(ofUser(access, owner.memberId)).toBeUndefined();
    const able = access.couldGrant.map((principal) => (principal.kind === 'user' ? principal.memberId : principal.kind));
    expect(able).toEqual([owner.memberId, 'api_key']);
    expect(access.couldGrant).not.toContainEqual(expect.objectContaining({ apiKeyId: withList.body.apiKey.id }));
    expect(ofKey(access, withList.body.apiKey.id as string)).toMatchObject({
      actions: ['item:read'],
      reasons: [{ text: 'API key with scope item:read on this box' }],
    });
  });

  test('leaves out what somebody else wrote into the database', async () => {
    const user = await aMember(keyhold, acme, 'user');
    const boxId = await aBox(acme);
    await keyhold.database.asAdmin(
      `INSERT INTO box_grants (workspace_id, box_id, grant_id, member_id, role, mac) VALUES ($1, $2, $3, $4, 'read', sha256('x'))`,
      [acme.id, boxId, randomUUID(), user.memberId],
    );
    await keyhold.database.asAdmin(
      `INSERT INTO api_keys (workspace_id, api_key_id, name, scopes, token_sha256, mac, created_by)
       VALUES ($1, $2, 'Forged', ARRAY['item:read', 'access:any_box'], sha256('x'), sha256('x'), 'nobody')`,
      [acme.id, randomUUID()],
    );
    const access = await accessTo(acme, boxId, 1);
    expect(ofUser(access, user.memberId)).toBeUndefined();
    expect(JSON.stringify(access)).not.toContain('Forged');
  });

  test('is for who owns the box or may hand out access to every box, and to nobody else', async () => {
    const boxId = await aBox(acme);
    const [reader, boxOwner, stranger] = [
      await aMember(keyhold, acme, 'user'),
      await aMember(keyhold, acme, 'user'),
      await aMember(keyhold, acme, 'super_admin'),
    ];
    await aGrant(acme, boxId, { kind: 'user', memberId: reader.memberId }, 'read');
    await aGrant(acme, boxId, { kind: 'user', memberId: boxOwner.memberId }, 'owner');
    const ask = async (call: Workspace['call']) => (await call('GET', `/boxes/${boxId}/access`)).status;
    const owner = await theOwner(keyhold, acme);
    expect([await ask(reader.call), await ask(stranger.call), await ask(boxOwner.call), await ask(owner.call)]).toEqual([
      403, 404, 200, 200,
    ]);
    expect(await ask((await anAwsIdentity(keyhold, acme)).call)).toBe(404);
  });
});
