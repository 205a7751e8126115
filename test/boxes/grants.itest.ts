import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { aBox, aGrant, aGroup } from '../harness/box.js';
import { type Client, aClient } from '../harness/client.js';
import { eventsOfAnswer } from '../harness/events.js';
import { anItem } from '../harness/item.js';
import { type SignedInMember, aMember, anAwsIdentity, joinGroup } from '../harness/principals.js';
import { type Keyhold, type Node, type Workspace, startKeyhold } from '../harness/service.js';

jest.setTimeout(120_000);

const ACCOUNT = '111122223333';
const APP = `arn:aws:iam::${ACCOUNT}:role/App`;

describe('a grant', () => {
  let keyhold: Keyhold;
  let elsewhere: Node;
  let acme: Workspace;
  let owner: SignedInMember;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    acme = await keyhold.aWorkspace('Acme');
    owner = await aMember(keyhold, acme, 'owner');
    elsewhere = await keyhold.anotherNode();
  });
  afterAll(() => keyhold.stop());

  const there = ({ token }: { token: string }): Client => aClient(`${elsewhere.url}/v1/workspaces/${acme.id}`, token);
  const itemIn = (boxId: string) => anItem(acme, { secret: 'box' }, { boxId });
  const grant = (boxId: string, principal: object, role = 'read', call = acme.call) =>
    call('POST', `/boxes/${boxId}/grants`, { principal, role });

  /** Statuses of everything that can be done with an item: read, unseal, new version, export. */
  const doings = async (call: Client, itemId: string): Promise<string> => {
    const answers = [
      await call('GET', `/items/${itemId}`),
      await call('POST', `/items/${itemId}/unseal`),
      await call('PUT', `/items/${itemId}`, { payload: { secret: 'new' } }),
    ];
    return answers.map(({ status }) => status).join(' ');
  };

  test.each([
    ['read', '200 200 403', 403, 403],
    ['write', '200 200 200', 403, 403],
    ['owner', '200 200 200', 409, 200],
  ] as const)('to a member as %s gives just that, from the next request on, on every node', async (role, allowed, exported, managed) => {
    const user = await aMember(keyhold, acme, 'user');
    const boxId = await aBox(acme);
    const itemId = await itemIn(boxId);
    for (const call of [user.call, there(user)]) expect(await doings(call, itemId)).toBe('404 404 404');
    const grantId = await aGrant(acme, boxId, { kind: 'user', memberId: user.memberId }, role);
    for (const call of [there(user), user.call]) {
      expect(await doings(call, itemId)).toBe(allowed);
      expect((await call('GET', `/items/${itemId}/export`)).status).toBe(exported); // the default vault has nothing to export for
      expect((await call('GET', `/boxes/${boxId}/grants`)).status).toBe(managed);
    }
    expect(await acme.call('DELETE', `/boxes/${boxId}/grants/${grantId}`)).toMatchObject({ status: 204 });
    for (const call of [there(user), user.call]) expect(await doings(call, itemId)).toBe('404 404 404');
  });

  test('to a group is what everybody in it has, for as long as they are in it', async () => {
    const user = await aMember(keyhold, acme, 'user');
    const groupId = await aGroup(keyhold, acme);
    const boxId = await aBox(acme, { grants: [{ principal: { kind: 'group', groupId }, role: 'write' }] });
    const itemId = await itemIn(boxId);
    expect(await doings(there(user), itemId)).toBe('404 404 404');
    await joinGroup(keyhold, acme, groupId, user.memberId);
    expect(await doings(there(user), itemId)).toBe('200 200 200');
    await keyhold.database.asAdmin('DELETE FROM group_members WHERE group_id = $1', [groupId]);
    expect(await doings(there(user), itemId)).toBe('404 404 404');
  });

  test('to a role is what its sessions have; to another role, account or name, nothing', async () => {
    const boxId = await aBox(acme);
    const itemId = await itemIn(boxId);
    await aGrant(acme, boxId, { kind: 'iam', arn: APP }, 'read');
    const as = async (arn: string) => doings((await anAwsIdentity(keyhold, acme, { arn })).call, itemId);
    expect(await as(`arn:aws:sts::${ACCOUNT}:assumed-role/App/i-1`)).toBe('200 200 403');
    expect(await as(`arn:aws:sts::${ACCOUNT}:assumed-role/app/i-1`)).toBe('404 404 404');
    expect(await as('arn:aws:sts::444455556666:assumed-role/App/i-1')).toBe('404 404 404');
    expect(await as(`arn:aws:iam::${ACCOUNT}:user/App`)).toBe('404 404 404');
  });

  test('for one unique id is not inherited by another role of the same name', async () => {
    const boxId = await aBox(acme);
    const itemId = await itemIn(boxId);
    const made = await grant(boxId, { kind: 'iam', arn: APP, uniqueId: 'AROAFIRSTFIRSTFIRST12' });
    expect(made).toMatchObject({ status: 201, body: { principal: { kind: 'iam', arn: APP, uniqueId: 'AROAFIRSTFIRSTFIRST12' } } });
    const as = async (uniqueId: string) => doings((await anAwsIdentity(keyhold, acme, { uniqueId })).call, itemId);
    expect(await as('AROAFIRSTFIRSTFIRST12')).toBe('200 200 403');
    expect(await as('AROASECONDSECONDSEC12')).toBe('404 404 404');
  });

  test('counts beside the others: the strongest one decides, and the one before when it goes', async () => {
    const user = await aMember(keyhold, acme, 'user');
    const groupId = await aGroup(keyhold, acme);
    await joinGroup(keyhold, acme, groupId, user.memberId);
    const boxId = await aBox(acme);
    const itemId = await itemIn(boxId);
    await aGrant(acme, boxId, { kind: 'user', memberId: user.memberId }, 'read');
    expect(await doings(user.call, itemId)).toBe('200 200 403');
    const stronger = await aGrant(acme, boxId, { kind: 'group', groupId }, 'write');
    expect(await doings(user.call, itemId)).toBe('200 200 200');
    await acme.call('DELETE', `/boxes/${boxId}/grants/${stronger}`);
    expect(await doings(user.call, itemId)).toBe('200 200 403');
  });

  test('warns of ARNs that mean less, or more, than one may think', async () => {
    const boxId = await aBox(acme);
    const warned = async (arn: string) =>
      ((await grant(boxId, { kind: 'iam', arn })).body.warnings as { code: string }[]).map(({ code }) => code);
    expect(await warned(`arn:aws:iam::${ACCOUNT}:role/team/App`)).toEqual(['role_path']);
    expect(await warned(`arn:aws:sts::${ACCOUNT}:assumed-role/App/jo`)).toEqual(['session_name']);
    expect(await warned(APP)).toEqual([]);
  });

  test.each([
    'arn:aws:iam::111122223333:role/*',
    'arn:aws:iam::111122223333:group/team',
    'arn:aws:iam::111122223333:instance-profile/App',
    'arn:aws:sts::111122223333:assumed-role/App',
    'arn:aws-cn:iam::111122223333:role/App',
    'arn:aws:iam::11112222333:role/App',
    ' arn:aws:iam::111122223333:role/App',
    '*',
  ])('to %s is refused: nobody is ever called that', async (arn) => {
    expect(await grant(acme.defaultBoxId, { kind: 'iam', arn })).toMatchObject({ status: 400, body: { code: 'grant_arn_not_possible' } });
  });

  test.each([
    [APP, 'AIDAEXAMPLEEXAMPLE123'],
    [APP, 'aroaexampleexample123'],
    [`arn:aws:iam::${ACCOUNT}:user/jo`, 'AROAEXAMPLEEXAMPLE123'],
    [`arn:aws:iam::${ACCOUNT}:root`, 'AROAEXAMPLEEXAMPLE123'],
    [`arn:aws:sts::${ACCOUNT}:federated-user/jo`, 'AIDAEXAMPLEEXAMPLE123'],
  ])('to %s for %s is refused: no such identity has such an id', async (arn, uniqueId) => {
    expect(await grant(acme.defaultBoxId, { kind: 'iam', arn, uniqueId })).toMatchObject({
      status: 400,
      body: { code: 'grant_unique_id_not_possible' },
    });
  });

  test.each([
    [{ kind: 'user' }],
    [{ kind: 'user', memberId: 'x' }],
    [{ kind: 'user', memberId: randomUUID(), arn: APP }],
    [{ kind: 'robot', memberId: randomUUID() }],
    [{ memberId: randomUUID() }],
    [[{ kind: 'user', memberId: randomUUID() }]],
    ['user'],
    [null],
  ])('to %j is no grant', async (principal) => {
    expect(await grant(acme.defaultBoxId, principal as object)).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
  });

  test('to somebody of another workspace is one to nobody', async () => {
    const globex = await keyhold.aWorkspace('Globex');
    const foreign = await grant(acme.defaultBoxId, { kind: 'user', memberId: globex.ownerInvitation.memberId });
    const absent = await grant(acme.defaultBoxId, { kind: 'user', memberId: randomUUID() });
    expect(foreign).toMatchObject({ status: 404, body: { code: 'grant_principal_not_found' } });
    expect({ ...absent.body, requestId: '' }).toEqual({ ...foreign.body, requestId: '' });
  });

  test('counts although the id was written in capitals', async () => {
    const user = await aMember(keyhold, acme, 'user');
    const boxId = await aBox(acme);
    await grant(boxId, { kind: 'user', memberId: user.memberId.toUpperCase() });
    expect(await user.call('GET', `/boxes/${boxId}`)).toMatchObject({ status: 200 });
  });

  test('is one for each principal', async () => {
    const boxId = await aBox(acme);
    await aGrant(acme, boxId, { kind: 'iam', arn: APP }, 'read');
    const again = await grant(boxId, { kind: 'iam', arn: APP, uniqueId: 'AROAFIRSTFIRSTFIRST12' }, 'owner');
    expect(again).toMatchObject({ status: 409, body: { code: 'grant_exists' } });
    const answers = await Promise.all(Array.from({ length: 8 }, () => grant(boxId, { kind: 'user', memberId: owner.memberId })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array.from({ length: 7 }, () => 409)]);
  });

  test('is handed out by who owns the box or may hand out access to every box, and by nobody else', async () => {
    const [user, writer, boxOwner] = [
      await aMember(keyhold, acme, 'user'),
      await aMember(keyhold, acme, 'super_admin'),
      await aMember(keyhold, acme, 'user'),
    ];
    const boxId = await aBox(acme, { ownerGroupId: await aGroup(keyhold, acme) });
    await aGrant(acme, boxId, { kind: 'user', memberId: writer.memberId }, 'write');
    await aGrant(acme, boxId, { kind: 'user', memberId: boxOwner.memberId }, 'owner');
    const to = () => ({ kind: 'iam', arn: `arn:aws:iam::${ACCOUNT}:role/R-${randomUUID()}` });
    expect(await grant(boxId, to(), 'read', user.call)).toMatchObject({ status: 404, body: { code: 'box_not_found' } });
    expect(await grant(boxId, to(), 'read', writer.call)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(await grant(boxId, to(), 'read', boxOwner.call)).toMatchObject({ status: 201 });
    expect(await grant(boxId, to(), 'read', owner.call)).toMatchObject({ status: 201 });
  });

  test('needs a person who showed a short time ago who they are', async () => {
    const late = await aMember(keyhold, acme, 'user');
    const boxId = await aBox(acme);
    await aGrant(acme, boxId, { kind: 'user', memberId: late.memberId }, 'owner');
    await keyhold.database.asAdmin(`UPDATE sessions SET confirmed_at = now() - interval '16 minutes' WHERE session_id = $1`, [
      late.sessionId,
    ]);
    const to = { kind: 'iam', arn: APP };
    expect(await grant(boxId, to, 'read', there(late))).toMatchObject({ status: 403, body: { code: 'confirmation_required' } });
  });

  test('of the owner group stands as long as the box is theirs', async () => {
    const boxId = await aBox(acme);
    const [{ id }] = (await acme.call('GET', `/boxes/${boxId}/grants`)).body.data as [{ id: string }];
    const expected = { status: 409, body: { code: 'grant_of_owner_group' } };
    expect(await acme.call('DELETE', `/boxes/${boxId}/grants/${id}`)).toMatchObject(expected);
    expect(await acme.call('PATCH', `/boxes/${boxId}/grants/${id}`, { role: 'read' })).toMatchObject(expected);
  });

  test('that is absent, of another box, or no id at all is not found', async () => {
    const [boxId, other] = [await aBox(acme), await aBox(acme)];
    const elsewhereId = await aGrant(acme, other, { kind: 'iam', arn: APP }, 'read');
    for (const id of [randomUUID(), elsewhereId, 'malformed']) {
      const expected = { status: 404, body: { code: 'grant_not_found' } };
      expect(await acme.call('PATCH', `/boxes/${boxId}/grants/${id}`, { role: 'read' })).toMatchObject(expected);
      expect(await acme.call('DELETE', `/boxes/${boxId}/grants/${id}`)).toMatchObject(expected);
    }
  });

  test('goes with its member, and one to somebody who is just leaving is none or gone', async () => {
    const leaving = await aMember(keyhold, acme, 'user');
    const boxId = await aBox(acme);
    const [granted] = await Promise.all([
      grant(boxId, { kind: 'user', memberId: leaving.memberId }),
      keyhold.database.asAdmin('DELETE FROM members WHERE member_id = $1', [leaving.memberId]),
    ]);
    expect([201, 404]).toContain(granted.status);
    expect((await acme.call('GET', `/boxes/${boxId}/grants`)).body.data).toHaveLength(1);
  });

  test('that is changed by many at once ends as one of them said, counts, and each change tells what was before it', async () => {
    const user = await aMember(keyhold, acme, 'user');
    const boxId = await aBox(acme);
    const id = await aGrant(acme, boxId, { kind: 'user', memberId: user.memberId }, 'read');
    const roles = Array.from({ length: 12 }, (_, i) => (['read', 'write', 'owner'] as const)[i % 3] ?? 'read');
    const answers = await Promise.all(
      roles.map((role, i) => (i % 2 ? acme.call : there(acme))('PATCH', `/boxes/${boxId}/grants/${id}`, { role })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const { data } = (await acme.call('GET', `/audit-events?type=box.grant_changed&boxId=${boxId}`)).body as {
      data: { details: { before: string; after: string } }[];
    };
    const changes = data.toReversed().map(({ details }) => details);
    expect(changes).toHaveLength(12);
    changes.forEach(({ before }, i) => expect(before).toBe(i === 0 ? 'read' : changes[i - 1]?.after));
    const [stored] = (await acme.call('GET', `/boxes/${boxId}/grants`)).body.data as [{ role: string; isIntact: boolean }];
    expect(stored).toMatchObject({ role: changes.at(-1)?.after, isIntact: true });
    expect((await user.call('GET', `/boxes/${boxId}`)).status).toBe(200);
  });

  test('that somebody else wrote into the database counts for nothing, is shown as that, and becomes none of ours', async () => {
    const user = await aMember(keyhold, acme, 'user');
    const boxId = await aBox(acme);
    const forged = randomUUID();
    await keyhold.database.asAdmin(
      `INSERT INTO box_grants (workspace_id, box_id, grant_id, member_id, role, mac) VALUES ($1, $2, $3, $4, 'read', sha256('x'))`,
      [acme.id, boxId, forged, user.memberId],
    );
    expect(await user.call('GET', `/boxes/${boxId}`)).toMatchObject({ status: 404 });
    const { data } = (await acme.call('GET', `/boxes/${boxId}/grants`)).body;
    expect(data).toContainEqual(expect.objectContaining({ id: forged, isIntact: false }));
    expect(await acme.call('PATCH', `/boxes/${boxId}/grants/${forged}`, { role: 'read' })).toMatchObject({
      status: 409,
      body: { code: 'grant_not_intact' },
    });
    expect(await acme.call('DELETE', `/boxes/${boxId}/grants/${forged}`)).toMatchObject({ status: 204 });
  });

  test('is one of 500 of its box, and listed page by page', async () => {
    const boxId = await aBox(acme);
    await keyhold.database.asAdmin(
      `INSERT INTO box_grants (workspace_id, box_id, grant_id, iam_arn, role, mac)
       SELECT $1, $2, gen_random_uuid(), 'arn:aws:iam::111122223333:role/R' || i, 'read', sha256('x') FROM generate_series(1, 498) i`,
      [acme.id, boxId],
    );
    const answers = await Promise.all([1, 2, 3].map((i) => grant(boxId, { kind: 'iam', arn: `arn:aws:iam::${ACCOUNT}:role/Last-${i}` })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409, 409]);
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({ code: 'grant_quota_reached' });
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { body } = await acme.call('GET', `/boxes/${boxId}/grants?limit=100${cursor && `&cursor=${cursor}`}`);
      seen.push(...(body.data as { id: string }[]).map(({ id }) => id));
      cursor = body.nextCursor as string | null;
    }
    expect(new Set(seen).size).toBe(500);
    expect(seen).toHaveLength(500);
  });

  test('and its end are on record with who did it, from where, and what was before and after', async () => {
    const user = await aMember(keyhold, acme, 'user');
    const boxId = await aBox(acme);
    await aGrant(acme, boxId, { kind: 'user', memberId: user.memberId }, 'owner');
    const identity = await anAwsIdentity(keyhold, acme);
    const added = await grant(boxId, { kind: 'iam', arn: APP }, 'owner', user.call);
    const path = `/boxes/${boxId}/grants/${added.body.id as string}`;
    const byMember = { kind: 'member', role: 'user', id: user.memberId };
    const named = { grantId: added.body.id, principal: { kind: 'iam', arn: APP } };
    expect(await eventsOfAnswer(acme.call, added)).toMatchObject([
      {
        type: 'box.grant_added',
        boxId,
        principal: byMember,
        caller: { sessionId: user.sessionId, email: user.email },
        sourceAddress: '127.0.0.1',
        details: { ...named, before: null, after: 'owner' },
      },
    ]);
    const own = await aGrant(acme, boxId, { kind: 'iam', arn: `arn:aws:iam::${ACCOUNT}:root` }, 'write');
    const byAws = await identity.call('PATCH', `/boxes/${boxId}/grants/${own}`, { role: 'read' });
    expect(await eventsOfAnswer(acme.call, byAws)).toMatchObject([
      {
        type: 'box.grant_changed',
        principal: { kind: 'aws', id: `arn:aws:sts::${ACCOUNT}:assumed-role/App/i-0abc` },
        caller: { sessionId: identity.sessionId, uniqueId: 'AROAEXAMPLEEXAMPLE123', account: ACCOUNT, accessKeyId: 'ASIA…WXYZ' },
        details: { before: 'write', after: 'read' },
      },
    ]);
    expect(await eventsOfAnswer(acme.call, await user.call('DELETE', path))).toMatchObject([
      { type: 'box.grant_removed', boxId, principal: byMember, details: { ...named, before: 'owner', after: null } },
    ]);
  });
});
