import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { aMember, aSession, type SignedInMember } from '../harness/principals.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';

jest.setTimeout(60_000);

const AT_ONCE = 20;

describe('a workspace has exactly one Owner', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  let owner: SignedInMember;

  beforeAll(async () => {
    keyhold = await startKeyhold();
  });
  afterAll(() => keyhold.stop());
  beforeEach(async () => {
    acme = await keyhold.aWorkspace();
    owner = await aMember(keyhold, acme, 'owner');
  });

  const transfer = ({ call }: Pick<SignedInMember, 'call'>, memberId: string) => call('PUT', '/owner', { memberId });
  const owners = async () =>
    (
      await keyhold.database.asAdmin<{ member_id: string; status: string }>(
        `SELECT member_id, status FROM members WHERE workspace_id = $1 AND role = 'owner'`,
        [acme.id],
      )
    ).map(({ member_id, status }) => ({ memberId: member_id, status }));

  test('who hands over to an active member and becomes Super Admin', async () => {
    const heir = await aMember(keyhold, acme, 'user');
    expect(await transfer(owner, heir.memberId)).toMatchObject({ status: 200, body: { id: heir.memberId, role: 'owner' } });
    expect(await owners()).toEqual([{ memberId: heir.memberId, status: 'active' }]);
    expect((await acme.call('GET', `/members/${owner.memberId}`)).body).toMatchObject({ role: 'super_admin', status: 'active' });
    const { body } = await acme.call('GET', '/audit-events?type=owner.transferred');
    expect(body.data).toEqual([
      expect.objectContaining({
        principal: expect.objectContaining({ kind: 'member', role: 'owner', id: owner.memberId }),
        caller: { sessionId: owner.sessionId, email: owner.email },
        details: {
          before: { memberId: owner.memberId, email: owner.email, role: 'owner' },
          after: { memberId: heir.memberId, email: heir.email, role: 'user' },
          roleOfFormerOwner: 'super_admin',
        },
      }),
    ]);
    const back = await aSession(keyhold, acme, { kind: 'member', memberId: heir.memberId });
    expect(await transfer(back, owner.memberId)).toMatchObject({ status: 200 });
  });

  test('at every moment, also while twenty transfers come at once', async () => {
    const heirs = await Promise.all(Array.from({ length: AT_ONCE }, () => aMember(keyhold, acme, 'admin')));
    const transfers = heirs.map(({ memberId }) => transfer(owner, memberId));
    const under = { way: true };
    const done = Promise.all(transfers).finally(() => (under.way = false));
    while (under.way) expect(await owners()).toHaveLength(1);
    const answers = await done;
    const made = answers.filter(({ status }) => status === 200);
    expect(made).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 200))
      expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(await owners()).toEqual([{ memberId: made[0]?.body.id as string, status: 'active' }]);
    const { body } = await acme.call('GET', '/audit-events?type=owner.transferred');
    expect(body.data).toHaveLength(1);
  });

  test('also when the same transfer comes twenty times under one Idempotency-Key: it is made once', async () => {
    const { memberId } = await aMember(keyhold, acme, 'admin');
    const again = () => owner.call('PUT', '/owner', { memberId }, { 'idempotency-key': 'hand-over' });
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, again));
    const made = answers.filter(({ status }) => status === 200);
    expect(new Set(made.map(({ text }) => text)).size).toBe(1);
    for (const { status } of answers) expect([200, 403]).toContain(status);
    const { body } = await acme.call('GET', '/audit-events?type=owner.transferred');
    expect(body.data).toHaveLength(1);
  });

  test('who is active, whatever happens to the heir at the same time', async () => {
    let present = owner;
    for (let round = 0; round < 8; round += 1) {
      const [admin, heir] = [await aMember(keyhold, acme, 'super_admin'), await aMember(keyhold, acme, 'user')];
      const meddling =
        round % 2 === 0
          ? admin.call('PATCH', `/members/${heir.memberId}`, { status: 'suspended' })
          : admin.call('DELETE', `/members/${heir.memberId}`);
      const [handed, meddled] = await Promise.all([transfer(present, heir.memberId), meddling]);
      expect([handed.status === 200, meddled.status < 300].filter(Boolean)).toHaveLength(1);
      expect(await owners()).toEqual([{ memberId: handed.status === 200 ? heir.memberId : present.memberId, status: 'active' }]);
      if (handed.status === 200) present = heir;
    }
  });

  test('who is followed by nobody who is not there, not active, or the Owner already', async () => {
    const foreign = (await aMember(keyhold, await keyhold.aWorkspace(), 'admin')).memberId;
    const invited = (await acme.call('POST', '/members', { email: 'ada@workspace.example', role: 'user' })).body.member.id as string;
    const suspended = (await aMember(keyhold, acme, 'user')).memberId;
    await owner.call('PATCH', `/members/${suspended}`, { status: 'suspended' });
    for (const [memberId, status, code] of [
      [randomUUID(), 404, 'member_not_found'],
      [foreign, 404, 'member_not_found'],
      [invited, 409, 'member_not_active'],
      [suspended, 409, 'member_not_active'],
      [owner.memberId, 409, 'member_is_owner'],
      ['x', 400, 'validation_failed'],
    ] as const)
      expect(await transfer(owner, memberId)).toMatchObject({ status, body: { code } });
    expect(await owners()).toEqual([{ memberId: owner.memberId, status: 'active' }]);
  });

  test('who alone hands over: no other role, and no key with every scope', async () => {
    const others = await Promise.all((['super_admin', 'admin', 'user'] as const).map((role) => aMember(keyhold, acme, role)));
    for (const caller of [...others, acme])
      expect(await transfer(caller, others[0]?.memberId ?? '')).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  test('who hands over only after showing who they are', async () => {
    const heir = await aMember(keyhold, acme, 'admin');
    await keyhold.database.asAdmin(`UPDATE sessions SET confirmed_at = now() - interval '16 minutes' WHERE session_id = $1`, [
      owner.sessionId,
    ]);
    expect(await transfer(owner, heir.memberId)).toMatchObject({ status: 403, body: { code: 'confirmation_required' } });
  });
});
