import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { aBox, aGroup, firstGroupOf } from '../harness/box.js';
import type { Answer } from '../harness/client.js';
import { eventsOfAnswer } from '../harness/events.js';
import { type SignedInMember, aMember, anAwsIdentity, joinGroup } from '../harness/principals.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';

jest.setTimeout(120_000);

const BOXES_MAX = 40;
const OF_OWNERS = ['box:read', 'item:read', 'item:unseal', 'item:seal', 'item:delete', 'item:export', 'box:manage'];

describe('a box', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  let globex: Workspace;
  let owner: SignedInMember;
  let admin: SignedInMember;
  let team: string;

  beforeAll(async () => {
    keyhold = await startKeyhold({ env: { KEYHOLD_BOXES_PER_WORKSPACE: String(BOXES_MAX) } });
    [acme, globex] = await Promise.all([keyhold.aWorkspace('Acme'), keyhold.aWorkspace('Globex')]);
    owner = await aMember(keyhold, acme, 'owner');
    admin = await aMember(keyhold, acme, 'admin');
    team = await aGroup(keyhold, acme);
    await joinGroup(keyhold, acme, team, admin.memberId);
  });
  afterAll(() => keyhold.stop());

  test('is made by somebody of the group that will own it, and is theirs from then on', async () => {
    const made = await admin.call('POST', '/boxes', { name: 'Payments', description: 'Cards\nand banks', ownerGroupId: team });
    expect(made).toMatchObject({
      status: 201,
      body: {
        name: 'Payments',
        description: 'Cards\nand banks',
        status: 'live',
        isDefault: false,
        ownerGroupId: team,
        myActions: OF_OWNERS,
        deletedAt: null,
        purgeAt: null,
      },
    });
    expect(await admin.call('GET', `/boxes/${made.body.id as string}`)).toMatchObject({ status: 200, body: made.body });
    expect((await admin.call('GET', '/boxes')).body.data).toEqual([made.body]);
    expect(await eventsOfAnswer(acme.call, made)).toMatchObject([
      {
        type: 'box.created',
        boxId: made.body.id,
        details: { name: 'Payments', ownerGroupId: team },
        principal: { kind: 'member', id: admin.memberId },
        caller: { sessionId: admin.sessionId },
      },
    ]);
  });

  test('starts with the grants that it is given, each on record', async () => {
    const grants = [
      { principal: { kind: 'user', memberId: owner.memberId }, role: 'read' },
      { principal: { kind: 'iam', arn: 'arn:aws:iam::111122223333:role/App' }, role: 'write' },
    ];
    const made = await admin.call('POST', '/boxes', { name: 'With grants', ownerGroupId: team, grants });
    expect(made.status).toBe(201);
    const listed = await admin.call('GET', `/boxes/${made.body.id as string}/grants`);
    const owning = { principal: { kind: 'group', groupId: team }, role: 'owner', isOwnerGroup: true };
    expect(listed.body.data).toHaveLength(3);
    for (const grant of [...grants, owning]) expect(listed.body.data).toContainEqual(expect.objectContaining(partly(grant)));
    expect((await eventsOfAnswer(acme.call, made)).map(({ type }) => type).toSorted()).toEqual([
      'box.created',
      'box.grant_added',
      'box.grant_added',
    ]);
  });

  test('is not made for a group that its maker is not in, whether or not there is one', async () => {
    const strangers = await aGroup(keyhold, acme);
    const refused = await admin.call('POST', '/boxes', { name: 'Planted', ownerGroupId: strangers });
    expect(refused).toMatchObject({ status: 403, body: { code: 'not_in_owner_group' } });
    expect(await eventsOfAnswer(acme.call, refused)).toMatchObject([{ type: 'access.refused', details: { reason: 'not_in_owner_group' } }]);
    const absent = await admin.call('POST', '/boxes', { name: 'Planted', ownerGroupId: randomUUID() });
    expect(told(absent)).toEqual(told(refused));
    expect(await owner.call('POST', '/boxes', { name: 'Given', ownerGroupId: strangers })).toMatchObject({ status: 201 });
  });

  test('is not made for a group of another workspace, which is one that is not there', async () => {
    const foreign = await acme.call('POST', '/boxes', { name: 'Foreign', ownerGroupId: await firstGroupOf(globex) });
    const absent = await acme.call('POST', '/boxes', { name: 'Foreign', ownerGroupId: randomUUID() });
    expect(foreign).toMatchObject({ status: 404, body: { code: 'grant_principal_not_found' } });
    expect(told(foreign)).toEqual(told(absent));
  });

  test('is made by nobody whose role or key does not say so', async () => {
    const order = { name: 'No', ownerGroupId: team };
    const user = await aMember(keyhold, acme, 'user');
    const identity = await anAwsIdentity(keyhold, acme);
    for (const { call } of [user, identity])
      expect(await call('POST', '/boxes', order)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  test('is nothing to those without a right in it: as absent, to the byte', async () => {
    const boxId = await aBox(acme, { ownerGroupId: team });
    const superAdmin = await aMember(keyhold, acme, 'super_admin');
    const identity = await anAwsIdentity(keyhold, acme);
    for (const { call } of [superAdmin, identity])
      for (const [method, path, body] of [
        ['GET', ''],
        ['PATCH', '', { name: 'x' }],
        ['GET', '/grants'],
        ['POST', '/grants', { principal: { kind: 'user', memberId: owner.memberId }, role: 'read' }],
        ['PATCH', `/grants/${randomUUID()}`, { role: 'read' }],
        ['DELETE', `/grants/${randomUUID()}`],
      ] as const) {
        const answers = [];
        for (const id of [boxId, randomUUID(), 'malformed', globex.defaultBoxId])
          answers.push(told(await call(method, `/boxes/${id}${path}`, body)));
        expect(answers[0]).toMatchObject({ status: 404, body: { code: 'box_not_found' } });
        expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      }
    expect((await superAdmin.call('GET', '/boxes')).body).toEqual({ data: [], nextCursor: null });
  });

  test('is seen by the Owner of the workspace in any case, who may do nothing in it', async () => {
    const boxId = await aBox(acme, { ownerGroupId: team });
    expect(await owner.call('GET', `/boxes/${boxId}`)).toMatchObject({ status: 200, body: { myActions: [] } });
    const listed = (await owner.call('GET', '/boxes')).body.data as { id: string; myActions: string[] }[];
    expect(listed.find(({ id }) => id === boxId)?.myActions).toEqual([]);
    expect(listed.find(({ id }) => id === acme.defaultBoxId)?.myActions).toEqual(OF_OWNERS);
    const itemId = ((await acme.call('POST', '/items', { kind: 'secret', name: 'n', boxId, payload: {} })).body as { id: string }).id;
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/unseal'],
      ['GET', '/export'],
      ['DELETE', ''],
    ] as const)
      expect(await owner.call(method, `/items/${itemId}${path}`)).toMatchObject({ status: 404, body: { code: 'item_not_found' } });
  });

  test('keeps what a change does not name, and the trail has what was before', async () => {
    const boxId = await aBox(acme, { name: 'Before', description: 'Old', ownerGroupId: team });
    const renamed = await admin.call('PATCH', `/boxes/${boxId}`, { name: '  After ' });
    expect(renamed).toMatchObject({ status: 200, body: { name: 'After', description: 'Old', ownerGroupId: team } });
    expect(await eventsOfAnswer(acme.call, renamed)).toMatchObject([
      { type: 'box.updated', details: { before: { name: 'Before', description: 'Old' }, after: { name: 'After', description: 'Old' } } },
    ]);
    expect(await admin.call('PATCH', `/boxes/${boxId}`, { description: '' })).toMatchObject({ body: { name: 'After', description: '' } });
  });

  test('passes to another group of who passes it on, and the one before has no part in it any more', async () => {
    const successors = await aGroup(keyhold, acme);
    const boxId = await aBox(acme, { ownerGroupId: team, grants: [{ principal: { kind: 'group', groupId: successors }, role: 'read' }] });
    const pass = () => admin.call('PATCH', `/boxes/${boxId}`, { ownerGroupId: successors });
    expect(await pass()).toMatchObject({ status: 403, body: { code: 'not_in_owner_group' } });
    await joinGroup(keyhold, acme, successors, admin.memberId);
    const passed = await pass();
    expect(passed).toMatchObject({ status: 200, body: { ownerGroupId: successors } });
    const { data } = (await acme.call('GET', `/boxes/${boxId}/grants`)).body;
    expect(data).toMatchObject([{ principal: { groupId: successors }, role: 'owner', isOwnerGroup: true }]);
    expect((await eventsOfAnswer(acme.call, passed)).map(({ type }) => type).toSorted()).toEqual([
      'box.grant_added',
      'box.grant_removed',
      'box.grant_removed',
      'box.updated',
    ]);
  });

  test.each([
    ['empty', ''],
    ['blanks', '   '],
    ['too long', 'x'.repeat(101)],
    ['a control character', 'a\u0007b'],
    ['a new line', 'a\nb'],
    ['half a character', 'a\ud800'],
    ['no text', 1],
  ])('is not called by %s', async (_what, name) => {
    expect(await admin.call('POST', '/boxes', { name, ownerGroupId: team })).toMatchObject({ status: 400 });
  });

  test.each([
    ['too long', 'x'.repeat(1001)],
    ['a control character', 'a\u0000b'],
    ['no text', 1],
  ])('is not described by %s', async (_what, description) => {
    expect(await admin.call('POST', '/boxes', { name: randomUUID(), description, ownerGroupId: team })).toMatchObject({ status: 400 });
  });

  test('has a name that no other box of the workspace has, whatever its case and spelling', async () => {
    await aBox(acme, { name: 'Caf\u00e9' });
    const other = await aBox(acme);
    for (const name of ['Caf\u00e9', 'CAF\u00e9', 'Cafe\u0301', ' Café']) {
      expect(await acme.call('POST', '/boxes', { name, ownerGroupId: team })).toMatchObject({
        status: 409,
        body: { code: 'box_name_taken' },
      });
      expect(await acme.call('PATCH', `/boxes/${other}`, { name })).toMatchObject({ status: 409, body: { code: 'box_name_taken' } });
    }
    expect(await aBox(globex, { name: 'Café' })).toEqual(expect.any(String));
  });

  test('is one of so many and no more, also when they are made at once', async () => {
    const initech = await keyhold.aWorkspace('Initech');
    const ownerGroupId = await firstGroupOf(initech);
    const answers = await Promise.all(
      Array.from({ length: BOXES_MAX + 4 }, (_, i) => initech.call('POST', '/boxes', { name: `Box ${i}`, ownerGroupId })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(BOXES_MAX - 1);
    for (const answer of answers.filter(({ status }) => status !== 201))
      expect(answer).toMatchObject({ status: 409, body: { code: 'box_quota_reached' } });
  });

  test('is listed page by page, newest first, each once', async () => {
    const hooli = await keyhold.aWorkspace('Hooli');
    const made = [hooli.defaultBoxId];
    for (let i = 0; i < 9; i += 1) made.push(await aBox(hooli));
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { body } = await hooli.call('GET', `/boxes?limit=4${cursor && `&cursor=${cursor}`}`);
      seen.push(...(body.data as { id: string }[]).map(({ id }) => id));
      cursor = body.nextCursor as string | null;
    }
    expect(seen).toEqual(made.toReversed());
    const { nextCursor } = (await hooli.call('GET', '/boxes?limit=4')).body;
    expect(await acme.call('GET', `/boxes?cursor=${nextCursor as string}`)).toMatchObject({ status: 400, body: { code: 'bad_cursor' } });
  });
});

/** All of an answer but the id of the request. */
function told({ status, body, headers }: Answer): unknown {
  return { status, body: { ...body, requestId: '' }, type: headers.get('content-type'), length: headers.get('content-length') };
}

/** What must be there, at any depth. */
const partly = ({ principal, ...rest }: { principal: object }) => ({ ...rest, principal: expect.objectContaining(principal) });
