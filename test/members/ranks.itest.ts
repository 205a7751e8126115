import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { MEMBER_ROLES, type MemberRole, RowMacs, type Action, mintApiKey } from '#access';
import { RootKey } from '#envelope';
import { type Client, aClient } from '../harness/client.js';
import { aMember, type SignedInMember } from '../harness/principals.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';

jest.setTimeout(60_000);

type Actor = MemberRole | 'key';

/** Whom each may invite, change and remove, and what they may make of them. Everything else is refused. */
const MANAGES: Readonly<Record<Actor, readonly MemberRole[]>> = {
  owner: ['super_admin', 'admin', 'user'],
  super_admin: ['admin', 'user'],
  admin: ['user'],
  user: [],
  key: ['admin', 'user'],
};
const ACTORS = ['owner', 'super_admin', 'admin', 'user', 'key'] as const satisfies readonly Actor[];
const GIVEN = ['super_admin', 'admin', 'user'] as const;

/** Everything that can be done to a member who is there. */
const ACTS: Readonly<Record<string, { status?: 'invited' | 'suspended'; ask: (id: string) => Parameters<Client> }>> = {
  rename: { ask: (id) => ['PATCH', `/members/${id}`, { name: 'Renamed' }] },
  suspend: { ask: (id) => ['PATCH', `/members/${id}`, { status: 'suspended' }] },
  resume: { status: 'suspended', ask: (id) => ['PATCH', `/members/${id}`, { status: 'active' }] },
  remove: { ask: (id) => ['DELETE', `/members/${id}`] },
  'invite again': { status: 'invited', ask: (id) => ['POST', `/members/${id}/invitation`] },
};

describe('nobody manages members of their own role or above', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  const actors = {} as Record<Actor, Client>;
  let owner: SignedInMember;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    acme = await keyhold.aWorkspace();
    owner = await aMember(keyhold, acme, 'owner');
    for (const role of MEMBER_ROLES) actors[role] = role === 'owner' ? owner.call : (await aMember(keyhold, acme, role)).call;
    actors.key = acme.call;
  });
  afterAll(() => keyhold.stop());

  const refusal = (actor: Actor) => ({ status: 403, body: { code: actor === 'user' ? 'forbidden' : 'outranked' } });
  const rowOf = async (id: string) =>
    (await keyhold.database.asAdmin('SELECT * FROM members WHERE workspace_id = $1 AND member_id = $2', [acme.id, id]))[0];

  /** Of the role, and in the status: through the API, as whoever may. */
  async function aTarget(role: MemberRole, status?: 'invited' | 'suspended'): Promise<string> {
    if (role === 'owner') return owner.memberId;
    if (status === 'invited') {
      const { body } = await owner.call('POST', '/members', { email: `${randomUUID()}@workspace.example`, role });
      return body.member.id as string;
    }
    const { memberId } = await aMember(keyhold, acme, role);
    if (status) await owner.call('PATCH', `/members/${memberId}`, { status });
    return memberId;
  }

  const cells = ACTORS.flatMap((actor) => MEMBER_ROLES.flatMap((target) => Object.keys(ACTS).map((name) => ({ actor, target, name }))));

  test.each(cells)('$actor: $name $target', async ({ actor, target, name }) => {
    const { status, ask } = ACTS[name] ?? { ask: () => ['GET', '/'] };
    const id = await aTarget(target, status);
    const before = await rowOf(id);
    const answer = await actors[actor](...ask(id));
    if (actor === 'owner' && target === 'owner' && name === 'rename')
      expect(answer.status).toBe(200); // one's own name
    else if (MANAGES[actor].includes(target)) expect(answer.status).toBeLessThan(300);
    else {
      expect(answer).toMatchObject(refusal(actor));
      expect(await rowOf(id)).toEqual(before);
    }
  });

  const promotions = ACTORS.flatMap((actor) => MEMBER_ROLES.flatMap((from) => GIVEN.map((to) => ({ actor, from, to }))));

  test.each(promotions)('$actor: make $from to $to', async ({ actor, from, to }) => {
    const id = await aTarget(from);
    const before = await rowOf(id);
    const answer = await actors[actor]('PATCH', `/members/${id}`, { role: to });
    if (MANAGES[actor].includes(from) && MANAGES[actor].includes(to)) expect(answer).toMatchObject({ status: 200, body: { id, role: to } });
    else {
      expect(answer).toMatchObject(refusal(actor));
      expect(await rowOf(id)).toEqual(before);
    }
  });

  test.each(ACTORS.flatMap((actor) => GIVEN.map((role) => ({ actor, role }))))('$actor: invite $role', async ({ actor, role }) => {
    const email = `${randomUUID()}@workspace.example`;
    const answer = await actors[actor]('POST', '/members', { email, role });
    if (MANAGES[actor].includes(role)) expect(answer).toMatchObject({ status: 201, body: { member: { email, role, status: 'invited' } } });
    else expect(answer).toMatchObject(refusal(actor));
  });

  test('nobody is made or invited as Owner', async () => {
    const id = await aTarget('admin');
    const asked = [
      owner.call('PATCH', `/members/${id}`, { role: 'owner' }),
      owner.call('POST', '/members', { email: 'second@workspace.example', role: 'owner' }),
      acme.call('POST', '/members', { email: 'second@workspace.example', role: 'owner' }),
    ];
    for (const answer of await Promise.all(asked)) expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
  });

  test.each(['super_admin', 'admin'] as const)('nobody changes their own role or status, or removes themselves: %s', async (role) => {
    const self = await aMember(keyhold, acme, role);
    for (const change of [{ role: 'user' }, { role }, { status: 'suspended' }, { status: 'active' }, { name: 'N', role: 'user' }])
      expect(await self.call('PATCH', `/members/${self.memberId}`, change)).toMatchObject({ status: 403, body: { code: 'outranked' } });
    expect(await self.call('DELETE', `/members/${self.memberId}`)).toMatchObject({ status: 403, body: { code: 'outranked' } });
    expect(await self.call('PATCH', `/members/${self.memberId}`, { name: 'Mine' })).toMatchObject({
      status: 200,
      body: { name: 'Mine', role },
    });
  });

  test.each([
    { change: { role: 'user' }, what: 'demoted' },
    { change: { status: 'suspended' }, what: 'suspended' },
  ])('who was $what a moment ago manages nobody, whatever a node still remembers', async ({ change }) => {
    const former = await aMember(keyhold, acme, 'super_admin');
    expect(await former.call('GET', '/members')).toMatchObject({ status: 200 });
    expect(await owner.call('PATCH', `/members/${former.memberId}`, change)).toMatchObject({ status: 200 });
    const invited = await former.call('POST', '/members', { email: `${randomUUID()}@workspace.example`, role: 'admin' });
    expect(invited).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(await former.call('DELETE', `/members/${await aTarget('user')}`)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  test('two Super Admins who are demoted and demote at once leave only what ranks allow', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [first, target] = [await aMember(keyhold, acme, 'super_admin'), await aTarget('admin')];
      const [demoted, removed] = await Promise.all([
        owner.call('PATCH', `/members/${first.memberId}`, { role: 'user' }),
        first.call('DELETE', `/members/${target}`),
      ]);
      expect(demoted.status).toBe(200);
      expect([204, 403]).toContain(removed.status);
      expect(await rowOf(target)).toEqual(removed.status === 204 ? undefined : expect.objectContaining({ role: 'admin' }));
    }
  });

  describe('a key of a service', () => {
    test.each<[scopes: Action[], role: 'admin' | 'user', status: number]>([
      [['member:manage'], 'user', 403],
      [['member:manage', 'workspace:read', 'vault:read'], 'user', 201],
      [['member:manage', 'workspace:read', 'vault:read'], 'admin', 403],
    ])('with %j, inviting as %s: %i', async (scopes, role, status) => {
      const call = await aKey(scopes);
      const answer = await call('POST', '/members', { email: `${randomUUID()}@workspace.example`, role });
      expect(answer.status).toBe(status);
      if (status === 403) expect(answer.body.code).toBe('beyond_own_rights');
    });

    test('gets nobody in, nor higher, as something that it is not itself', async () => {
      const call = await aKey(['member:manage']);
      const refused = [
        call('PATCH', `/members/${await aTarget('user')}`, { role: 'admin' }),
        call('PATCH', `/members/${await aTarget('admin', 'suspended')}`, { status: 'active' }),
        call('POST', `/members/${await aTarget('admin', 'invited')}/invitation`),
      ];
      for (const answer of await Promise.all(refused)) expect(answer).toMatchObject({ status: 403, body: { code: 'beyond_own_rights' } });
      expect(await call('DELETE', `/members/${await aTarget('admin')}`)).toMatchObject({ status: 204 });
    });

    test('with every scope, and no other, invites an Owner again who has not come', async () => {
      const { call, ownerInvitation } = await keyhold.aWorkspace();
      const again = await call('POST', `/members/${ownerInvitation.memberId}/invitation`);
      expect(again).toMatchObject({ status: 201, body: { member: { role: 'owner', status: 'invited' } } });
      expect(again.body.invitation.token).not.toBe(ownerInvitation.token);
      expect(await acme.call('POST', `/members/${owner.memberId}/invitation`)).toMatchObject({ status: 403, body: { code: 'outranked' } });
    });
  });

  test('every refusal of a rank is on record with who tried', async () => {
    const admin = await aMember(keyhold, acme, 'admin');
    await admin.call('DELETE', `/members/${owner.memberId}`);
    const { body } = await acme.call('GET', `/audit-events?principalId=${admin.memberId}`);
    expect(body.data).toEqual([
      expect.objectContaining({
        type: 'access.refused',
        principal: expect.objectContaining({ kind: 'member', role: 'admin', id: admin.memberId }),
        caller: { sessionId: admin.sessionId, email: admin.email },
        details: { reason: 'outranked', method: 'DELETE', route: '/v1/workspaces/:workspaceId/members/:memberId' },
      }),
    ]);
  });

  async function aKey(scopes: readonly Action[]): Promise<Client> {
    const macs = new RowMacs(RootKey.fromBytes(keyhold.rootKey));
    const key = mintApiKey(macs, { workspaceId: acme.id, name: 'Key', scopes, createdBy: 'test' });
    await key.insert({ query: async ({ text }, values = []) => (await keyhold.database.asAdmin(text, [acme.id, ...values])) as never });
    return aClient(`${keyhold.url}/v1/workspaces/${acme.id}`, key.token);
  }
});
