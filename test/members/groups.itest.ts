import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { GrantRows, RowMacs } from '#access';
import { RootKey } from '#envelope';
import { told } from '../harness/client.js';
import { anItem } from '../harness/item.js';
import { aMember, type SignedInMember } from '../harness/principals.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';

jest.setTimeout(60_000);

describe('groups', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  let owner: SignedInMember;
  let superAdmin: SignedInMember;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    acme = await keyhold.aWorkspace();
    owner = await aMember(keyhold, acme, 'owner');
    superAdmin = await aMember(keyhold, acme, 'super_admin');
  });
  afterAll(() => keyhold.stop());

  const aName = () => `Group ${randomUUID()}`;
  const aGroup = async (order: object = {}): Promise<string> =>
    (await acme.call('POST', '/groups', { name: aName(), ...order })).body.id as string;
  const membership = (groupId: string, { memberId }: { memberId: string }) => `/groups/${groupId}/members/${memberId}`;
  const membersOf = async (groupId: string) =>
    ((await acme.call('GET', `/groups/${groupId}/members`)).body.data as { memberId: string }[]).map(({ memberId }) => memberId);

  test('are made, shown and listed', async () => {
    const workspace = await keyhold.aWorkspace();
    const made = await workspace.call('POST', '/groups', { name: 'Deployers' });
    expect(made).toMatchObject({ status: 201, body: { name: 'Deployers', providerId: null, claimValue: null, memberCount: 0 } });
    expect((await workspace.call('GET', `/groups/${made.body.id as string}`)).body).toEqual(made.body);
    const { body } = await workspace.call('GET', '/groups');
    expect(body).toMatchObject({ data: [made.body, { name: 'Owners', memberCount: 1 }], nextCursor: null });
    expect(await workspace.call('POST', '/groups', { name: 'DEPLOYERS' })).toMatchObject({
      status: 409,
      body: { code: 'group_name_taken' },
    });
    const page = await workspace.call('GET', '/groups?limit=1');
    expect((await workspace.call('GET', `/groups?cursor=${page.body.nextCursor as string}`)).body.data).toMatchObject([{ name: 'Owners' }]);
  });

  test('open what is granted to them from the moment that somebody is in, and no longer than they are', async () => {
    const [user, groupId, itemId] = [await aMember(keyhold, acme, 'user'), await aGroup(), await anItem(acme)];
    await grantTo(groupId);
    const unseal = async () => (await user.call('POST', `/items/${itemId}/unseal`)).status;
    expect(await unseal()).toBe(404);
    expect(await owner.call('PUT', membership(groupId, user))).toMatchObject({ status: 204, text: '' });
    expect(await unseal()).toBe(200);
    expect(await membersOf(groupId)).toEqual([user.memberId]);
    expect(await owner.call('DELETE', membership(groupId, user))).toMatchObject({ status: 204 });
    expect(await unseal()).toBe(404);
    expect(await membersOf(groupId)).toEqual([]);
    const { body } = await acme.call('GET', `/audit-events?principalId=${owner.memberId}&limit=2`);
    expect(body.data).toMatchObject([
      { type: 'group.member_removed', details: { groupId, memberId: user.memberId } },
      { type: 'group.member_added', details: { groupId, memberId: user.memberId, email: user.email } },
    ]);
  });

  test('that open a box are filled only by those who could grant that box, so that no role opens one for itself', async () => {
    const groupId = await aGroup();
    const user = await aMember(keyhold, acme, 'user');
    expect(await superAdmin.call('PUT', membership(groupId, superAdmin))).toMatchObject({ status: 204 });
    expect(await superAdmin.call('DELETE', membership(groupId, superAdmin))).toMatchObject({ status: 204 });
    await grantTo(groupId);
    const refused = { status: 403, body: { code: 'beyond_own_rights' } };
    for (const member of [superAdmin, user]) expect(await superAdmin.call('PUT', membership(groupId, member))).toMatchObject(refused);
    const owners = await ownersGroup();
    expect(await superAdmin.call('PUT', membership(owners, superAdmin))).toMatchObject(refused);
    expect(await membersOf(groupId)).toEqual([]);
    expect(await owner.call('PUT', membership(owners, superAdmin))).toMatchObject({ status: 204 });
    expect(await superAdmin.call('PUT', membership(groupId, user))).toMatchObject({ status: 204 }); // owns the box now
    await owner.call('DELETE', membership(owners, superAdmin));
    expect(await superAdmin.call('DELETE', membership(groupId, user))).toMatchObject({ status: 204 }); // taking away is no gain
  });

  test('are filled by nobody who lost their role a moment ago', async () => {
    const [former, groupId] = [await aMember(keyhold, acme, 'super_admin'), await aGroup()];
    expect(await former.call('GET', '/groups')).toMatchObject({ status: 200 });
    await owner.call('PATCH', `/members/${former.memberId}`, { role: 'user' });
    for (const method of ['PUT', 'DELETE'])
      expect(await former.call(method, membership(groupId, owner))).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  test('take somebody twice as once, and give up only whom they have', async () => {
    const [user, groupId] = [await aMember(keyhold, acme, 'user'), await aGroup()];
    const count = async () => (await acme.call('GET', `/audit-events?limit=100&type=group.member_added`)).body.data.length as number;
    await acme.call('PUT', membership(groupId, user));
    const before = await count();
    expect(await acme.call('PUT', membership(groupId, user))).toMatchObject({ status: 204 });
    expect(await count()).toBe(before);
    await acme.call('DELETE', membership(groupId, user));
    expect(await acme.call('DELETE', membership(groupId, user))).toMatchObject({ status: 404, body: { code: 'member_not_found' } });
  });

  test('list their members over pages', async () => {
    const groupId = await aGroup();
    const ids: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      const { memberId } = await aMember(keyhold, acme, 'user');
      await acme.call('PUT', membership(groupId, { memberId }));
      ids.push(memberId);
    }
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { body } = await acme.call('GET', `/groups/${groupId}/members?limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...(body.data as { memberId: string }[]).map(({ memberId }) => memberId));
      cursor = body.nextCursor as string | null;
    }
    expect(seen).toEqual(ids.toSorted().toReversed());
    expect((await acme.call('GET', `/groups/${groupId}`)).body).toMatchObject({ memberCount: 5 });
  });

  test('are deleted only while no box is granted to them, and the refusal says how many are', async () => {
    const groupId = await aGroup();
    const grantId = await grantTo(groupId);
    const refused = await acme.call('DELETE', `/groups/${groupId}`);
    expect(refused).toMatchObject({ status: 409, body: { code: 'group_in_use', cause: '1 box is granted to it.' } });
    await keyhold.database.asAdmin('DELETE FROM box_grants WHERE grant_id = $1', [grantId]);
    await acme.call('PUT', membership(groupId, owner));
    expect(await acme.call('DELETE', `/groups/${groupId}`)).toMatchObject({ status: 204 });
    expect(await acme.call('GET', `/groups/${groupId}`)).toMatchObject({ status: 404, body: { code: 'group_not_found' } });
    expect(await keyhold.database.asAdmin('SELECT FROM group_members WHERE group_id = $1', [groupId])).toEqual([]);
    const { body } = await acme.call('GET', '/audit-events?type=group.deleted&limit=1');
    expect(body.data).toMatchObject([{ details: { groupId, memberCount: 1, providerId: null } }]);
  });

  describe('that a provider fills', () => {
    let providerId: string;

    beforeAll(async () => {
      providerId = randomUUID();
      await keyhold.database.asAdmin(
        `INSERT INTO identity_providers (workspace_id, provider_id, name, issuer, client_id, mac)
         VALUES ($1, $2, 'Okta', 'https://idp.example', 'keyhold', sha256('x'))`,
        [acme.id, providerId],
      );
    });

    test('stand for one claim of a provider that is there', async () => {
      const made = await acme.call('POST', '/groups', { name: aName(), providerId: providerId.toUpperCase(), claimValue: 'ops' });
      expect(made).toMatchObject({ status: 201, body: { providerId, claimValue: 'ops' } });
      const again = await acme.call('POST', '/groups', { name: aName(), providerId, claimValue: 'ops' });
      expect(again).toMatchObject({ status: 409, body: { code: 'group_claim_taken' } });
      const globex = await keyhold.aWorkspace();
      for (const [workspace, id] of [
        [acme, randomUUID()],
        [globex, providerId],
      ] as const)
        expect(await workspace.call('POST', '/groups', { name: aName(), providerId: id, claimValue: 'ops' })).toMatchObject({
          status: 404,
          body: { code: 'identity_provider_not_found' },
        });
    });

    test('are filled and emptied by nobody else', async () => {
      const groupId = await aGroup({ providerId, claimValue: randomUUID() });
      for (const method of ['PUT', 'DELETE'])
        expect(await acme.call(method, membership(groupId, owner))).toMatchObject({ status: 409, body: { code: 'group_is_mapped' } });
    });

    test.each<[string, object]>([
      ['a provider without a claim', { providerId: randomUUID() }],
      ['a claim without a provider', { claimValue: 'ops' }],
      ['a provider that is no id', { providerId: 'x', claimValue: 'ops' }],
      ['an empty claim', { providerId: randomUUID(), claimValue: '' }],
      ['a long claim', { providerId: randomUUID(), claimValue: 'a'.repeat(256) }],
      ['a long name', { name: 'a'.repeat(256) }],
      ['no name', { name: null }],
    ])('are not made with %s', async (_what, order) => {
      expect(await acme.call('POST', '/groups', { name: aName(), ...order })).toMatchObject({
        status: 400,
        body: { code: 'validation_failed' },
      });
    });

    test('may be said to have none', async () => {
      const order = { name: aName(), providerId: null, claimValue: null };
      expect(await acme.call('POST', '/groups', order)).toMatchObject({ status: 201, body: { providerId: null } });
    });
  });

  test('of another workspace, deleted and impossible ones are all one', async () => {
    const globex = await keyhold.aWorkspace();
    const foreign = (await globex.call('POST', '/groups', { name: 'Foreign' })).body.id as string;
    const gone = await aGroup();
    await acme.call('DELETE', `/groups/${gone}`);
    const foreignMember = globex.ownerInvitation.memberId;
    const own = await aGroup();
    for (const [method, path, code] of [
      ['GET', (id: string) => `/groups/${id}`, 'group_not_found'],
      ['DELETE', (id: string) => `/groups/${id}`, 'group_not_found'],
      ['GET', (id: string) => `/groups/${id}/members`, 'group_not_found'],
      ['PUT', (id: string) => membership(id, owner), 'group_not_found'],
      ['DELETE', (id: string) => membership(id, owner), 'group_not_found'],
      ['PUT', (id: string) => membership(own, { memberId: id === foreign ? foreignMember : id }), 'member_not_found'],
      ['DELETE', (id: string) => membership(own, { memberId: id === foreign ? foreignMember : id }), 'member_not_found'],
    ] as const) {
      const answers = await Promise.all([randomUUID(), foreign, gone, 'x'].map((id) => acme.call(method, path(id))));
      expect(new Set(answers.map(told)).size).toBe(1);
      expect(answers[0]).toMatchObject({ status: 404, body: { code } });
    }
  });

  test('are managed by the Owner and Super Admins, and read by whoever reads members', async () => {
    const groupId = await aGroup();
    for (const [role, read, manage] of [
      ['super_admin', 200, 201],
      ['admin', 200, 403],
      ['user', 403, 403],
    ] as const) {
      const { call } = await aMember(keyhold, acme, role);
      expect((await call('GET', `/groups/${groupId}`)).status).toBe(read);
      expect((await call('POST', '/groups', { name: aName() })).status).toBe(manage);
    }
  });

  test('change and end only for those who have shown a short time ago who they are', async () => {
    const [{ call, sessionId }, groupId] = [await aMember(keyhold, acme, 'super_admin'), await aGroup()];
    await keyhold.database.asAdmin(`UPDATE sessions SET confirmed_at = now() - interval '16 minutes' WHERE session_id = $1`, [sessionId]);
    for (const [method, path] of [
      ['PUT', membership(groupId, owner)],
      ['DELETE', membership(groupId, owner)],
      ['DELETE', `/groups/${groupId}`],
    ] as const)
      expect(await call(method, path)).toMatchObject({ status: 403, body: { code: 'confirmation_required' } });
  });

  async function ownersGroup(): Promise<string> {
    const { body } = await acme.call('GET', '/groups?limit=100');
    return (body.data as { id: string; name: string }[]).find(({ name }) => name === 'Owners')?.id ?? '';
  }

  async function grantTo(groupId: string): Promise<string> {
    const grantId = randomUUID();
    const query = ({ text }: { text: string }, values: readonly unknown[] = []) => keyhold.database.asAdmin(text, [acme.id, ...values]);
    await new GrantRows(new RowMacs(RootKey.fromBytes(keyhold.rootKey))).insert({ query } as never, acme.id, {
      box_id: acme.defaultBoxId,
      grant_id: grantId,
      member_id: null,
      group_id: groupId,
      iam_arn: null,
      pinned_unique_id: null,
      role: 'read',
      is_owner_group: false,
    });
    return grantId;
  }
});
