import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { aClient, told } from '../harness/client.js';
import { eventsOf } from '../harness/events.js';
import { aMember, aSession, joinGroup, type SignedInMember } from '../harness/principals.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';

jest.setTimeout(60_000);

const DAY_MS = 24 * 60 * 60 * 1000;

describe('members', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  let owner: SignedInMember;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    acme = await keyhold.aWorkspace('Acme');
    owner = await aMember(keyhold, acme, 'owner');
  });
  afterAll(() => keyhold.stop());

  const anEmail = () => `${randomUUID()}@workspace.example`;
  const invite = async (order: object = {}, workspace = acme) =>
    workspace.call('POST', '/members', { email: anEmail(), role: 'user', ...order });
  const invited = async (order: object = {}) => (await invite(order)).body as { member: { id: string }; invitation: { token: string } };
  const eventsAbout = async (id: string, type: string) =>
    (await eventsOf(acme.call, { type })).filter(
      ({ details }) => details['memberId'] === id || (details['principal'] as { memberId?: string } | undefined)?.memberId === id,
    );
  const stored = async (id: string) =>
    (await keyhold.database.asAdmin<Record<string, unknown>>('SELECT * FROM members WHERE member_id = $1', [id]))[0];
  const onAFreshNode = async (sessions: readonly { token: string }[], workspace = acme) => {
    const { url } = await keyhold.anotherNode();
    const answers = sessions.map(({ token }) => aClient(`${url}/v1/workspaces/${workspace.id}`, token)('GET', '/vaults'));
    return (await Promise.all(answers)).map(({ status }) => status);
  };

  describe('who are invited', () => {
    test('are shown with a token that is told once and kept as its digest', async () => {
      const email = anEmail();
      const { status, body } = await invite({ email: email.toUpperCase(), role: 'admin', name: 'Ada' });
      expect(status).toBe(201);
      const { member, invitation } = body as { member: { id: string }; invitation: { token: string; expiresAt: string } };
      const shown = { id: expect.any(String), email, name: 'Ada', role: 'admin', status: 'invited' };
      const times = { invitationExpiresAt: invitation.expiresAt, createdAt: expect.any(String), updatedAt: expect.any(String) };
      expect(member).toEqual({ ...shown, ...times });
      expect(Math.abs(Date.parse(invitation.expiresAt) - Date.now() - 7 * DAY_MS)).toBeLessThan(DAY_MS / 24);
      expect((await acme.call('GET', `/members/${member.id}`)).body).toEqual(member);
      const digest = createHash('sha256').update(invitation.token).digest();
      expect(await stored(member.id)).toMatchObject({ invitation_sha256: digest, password_hash: null, totp_sealed: null });
    });

    test('have their token nowhere else', async () => {
      const { member, invitation } = await invited();
      await acme.call('GET', `/members/${member.id}`);
      const secret = invitation.token.slice(-43);
      const told = await Promise.all(['/members?limit=100', '/audit-events?limit=100'].map((path) => acme.call('GET', path)));
      for (const text of [...told.map((answer) => answer.text), keyhold.log()]) expect(text).not.toContain(secret);
    });

    test('get another token, and the one before counts no more', async () => {
      const { member, invitation } = await invited();
      const again = await acme.call('POST', `/members/${member.id}/invitation`);
      expect(again).toMatchObject({ status: 201, body: { member: { id: member.id, status: 'invited' } } });
      const fresh = again.body.invitation.token as string;
      expect(fresh).not.toBe(invitation.token);
      expect((await stored(member.id))?.['invitation_sha256']).toEqual(createHash('sha256').update(fresh).digest());
      expect(await eventsAbout(member.id, 'member.invited')).toMatchObject([{ details: { isAgain: true } }, { details: { role: 'user' } }]);
    });

    test('are neither suspended nor made active by others', async () => {
      const { member } = await invited();
      for (const status of ['active', 'suspended'])
        expect(await acme.call('PATCH', `/members/${member.id}`, { status })).toMatchObject({
          status: 409,
          body: { code: 'member_not_joined' },
        });
    });

    test('are not invited again once they have come', async () => {
      const { memberId } = await aMember(keyhold, acme, 'user');
      expect(await acme.call('POST', `/members/${memberId}/invitation`)).toMatchObject({ status: 409, body: { code: 'member_joined' } });
    });

    test('have an address that nobody else in the workspace has, however it is written', async () => {
      const email = anEmail();
      await invite({ email });
      for (const same of [email, email.toUpperCase()])
        expect(await invite({ email: same })).toMatchObject({ status: 409, body: { code: 'email_taken' } });
      expect(await invite({ email }, await keyhold.aWorkspace())).toMatchObject({ status: 201 });
    });

    test.each<[string, object]>([
      ['no address', { email: 'nobody' }],
      ['a long address', { email: `${'a'.repeat(250)}@x.example` }],
      ['no role', { role: 'guest' }],
      ['an inherited name for a role', { role: 'toString' }],
      ['a name with control characters', { name: 'a\u0000b' }],
      ['a status', { status: 'active' }],
      ['a password', { password: 'secret' }],
    ])('are not invited with %s', async (_what, order) => {
      expect(await invite(order)).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    });
  });

  test('are changed with what was before and after on record', async () => {
    const user = await aMember(keyhold, acme, 'user');
    const changed = await owner.call('PATCH', `/members/${user.memberId}`, { name: 'Grace', role: 'admin' });
    expect(changed).toMatchObject({ status: 200, body: { name: 'Grace', role: 'admin', status: 'active', email: user.email } });
    expect(await eventsAbout(user.memberId, 'member.updated')).toEqual([
      expect.objectContaining({
        principal: { kind: 'member', role: 'owner', id: owner.memberId, name: 'The owner' },
        caller: { sessionId: owner.sessionId, email: owner.email },
        sourceAddress: '127.0.0.1',
        details: {
          memberId: user.memberId,
          email: user.email,
          before: { name: 'The user', role: 'user', status: 'active' },
          after: { name: 'Grace', role: 'admin', status: 'active' },
          sessionsEnded: 0,
        },
      }),
    ]);
  });

  test('who are suspended are signed out everywhere in the same commit, and stay so when they come back', async () => {
    const user = await aMember(keyhold, acme, 'user');
    const second = await aSession(keyhold, acme, { kind: 'member', memberId: user.memberId });
    const bystander = await aMember(keyhold, acme, 'user');
    expect(await onAFreshNode([user, second, bystander])).toEqual([200, 200, 200]);
    expect(await acme.call('PATCH', `/members/${user.memberId}`, { status: 'suspended' })).toMatchObject({ body: { status: 'suspended' } });
    expect(await onAFreshNode([user, second, bystander])).toEqual([401, 401, 200]);
    const commits = await keyhold.database.asAdmin<{ xmin: string }>(
      `SELECT xmin::text FROM sessions WHERE member_id = $1 AND ended_at IS NOT NULL
       UNION ALL SELECT xmin::text FROM members WHERE member_id = $1
       UNION ALL SELECT xmin::text FROM audit_events WHERE type = 'member.updated' AND details->>'memberId' = $1::text`,
      [user.memberId],
    );
    expect(commits).toHaveLength(4);
    expect(new Set(commits.map(({ xmin }) => xmin)).size).toBe(1);
    expect(await eventsAbout(user.memberId, 'member.updated')).toMatchObject([{ details: { sessionsEnded: 2 } }]);
    expect(await acme.call('PATCH', `/members/${user.memberId}`, { status: 'active' })).toMatchObject({ body: { status: 'active' } });
    expect(await onAFreshNode([user, second])).toEqual([401, 401]);
  });

  test('who are removed are gone with sessions, memberships and grants, and each box has it on record', async () => {
    const user = await aMember(keyhold, acme, 'user');
    const [{ group_id: groupId } = { group_id: '' }] = await keyhold.database.asAdmin<{ group_id: string }>(
      'SELECT group_id FROM groups WHERE workspace_id = $1',
      [acme.id],
    );
    await joinGroup(keyhold, acme, groupId, user.memberId);
    const grantId = randomUUID();
    await keyhold.database.asAdmin(
      `INSERT INTO box_grants (workspace_id, box_id, grant_id, member_id, role, mac) VALUES ($1, $2, $3, $4, 'read', sha256('x'))`,
      [acme.id, acme.defaultBoxId, grantId, user.memberId],
    );
    expect(await acme.call('DELETE', `/members/${user.memberId}`)).toMatchObject({ status: 204, text: '' });
    expect(await onAFreshNode([user])).toEqual([401]);
    for (const table of ['members', 'sessions', 'group_members', 'box_grants'])
      expect(await keyhold.database.asAdmin(`SELECT FROM ${table} WHERE member_id = $1`, [user.memberId])).toEqual([]);
    expect(await eventsAbout(user.memberId, 'member.removed')).toMatchObject([
      { details: { email: user.email, role: 'user', status: 'active', sessionsEnded: 1, groupIds: [groupId] } },
    ]);
    expect(await eventsAbout(user.memberId, 'box.grant_removed')).toMatchObject([
      { boxId: acme.defaultBoxId, details: { grantId, before: 'read', after: null, because: 'member.removed' } },
    ]);
    expect(await acme.call('GET', `/members/${user.memberId}`)).toMatchObject({ status: 404, body: { code: 'member_not_found' } });
    expect(await invite({ email: user.email })).toMatchObject({ status: 201 });
  });

  test('that another workspace has, that are gone and that cannot be are all one', async () => {
    const globex = await keyhold.aWorkspace('Globex');
    const foreign = (await invite({}, globex)).body.member.id as string;
    const gone = (await invited()).member.id;
    await acme.call('DELETE', `/members/${gone}`);
    for (const [method, suffix, body] of [
      ['GET', ''],
      ['PATCH', '', { name: 'N' }],
      ['DELETE', ''],
      ['POST', '/invitation'],
    ] as const) {
      const answers = await Promise.all(
        [randomUUID(), foreign, gone, 'x', foreign.toUpperCase()].map((id) => acme.call(method, `/members/${id}${suffix}`, body)),
      );
      expect(new Set(answers.map(told)).size).toBe(1);
      expect(answers[0]).toMatchObject({ status: 404, body: { code: 'member_not_found' } });
    }
    expect(await globex.call('GET', `/members/${foreign}`)).toMatchObject({ status: 200 });
  });

  test('are listed newest first, by role and by status', async () => {
    const workspace = await keyhold.aWorkspace();
    const [first, second] = [await invite({ role: 'admin' }, workspace), await invite({}, workspace)];
    const ids = async (query: string) =>
      ((await workspace.call('GET', `/members?${query}`)).body.data as { id: string }[]).map(({ id }) => id);
    const [ownerId, adminId, userId] = [
      workspace.ownerInvitation.memberId,
      first.body.member.id as string,
      second.body.member.id as string,
    ];
    expect(await ids('')).toEqual([userId, adminId, ownerId]);
    expect(await ids('role=admin')).toEqual([adminId]);
    expect(await ids('status=invited&role=owner')).toEqual([ownerId]);
    expect(await ids('status=active')).toEqual([]);
    const page = await workspace.call('GET', '/members?limit=2&status=invited');
    expect(page.body.data).toHaveLength(2);
    expect(await ids(`limit=2&status=invited&cursor=${page.body.nextCursor as string}`)).toEqual([ownerId]);
    expect(await workspace.call('GET', `/members?limit=2&cursor=${page.body.nextCursor as string}`)).toMatchObject({ status: 400 });
    for (const query of ['role=guest', 'status=x', 'email=x'])
      expect(await workspace.call('GET', `/members?${query}`)).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
  });

  test('are managed only by those who have shown a short time ago who they are', async () => {
    const admin = await aMember(keyhold, acme, 'admin');
    const target = (await invited()).member.id;
    await keyhold.database.asAdmin(`UPDATE sessions SET confirmed_at = now() - interval '16 minutes' WHERE session_id = $1`, [
      admin.sessionId,
    ]);
    const asked = [
      admin.call('POST', '/members', { email: anEmail(), role: 'user' }),
      admin.call('PATCH', `/members/${target}`, { role: 'user' }),
      admin.call('POST', `/members/${target}/invitation`),
      admin.call('DELETE', `/members/${target}`),
    ];
    for (const answer of await Promise.all(asked)) expect(answer).toMatchObject({ status: 403, body: { code: 'confirmation_required' } });
    expect(await admin.call('GET', '/members')).toMatchObject({ status: 200 });
  });
});
