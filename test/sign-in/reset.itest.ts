import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { MEMBER_ROLES, type MemberRole } from '#access';
import { aBox, aGrant } from '../harness/box.js';
import { type Client, aClient, told } from '../harness/client.js';
import { anItem } from '../harness/item.js';
import { type SignedInMember, aMember, joinGroup, letGroupRead } from '../harness/principals.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';
import { type Person, aFreshCode, aPerson, anAcceptance, join, signIn, trySignIn, withCookie } from '../harness/sign-in.js';

jest.setTimeout(60_000);

const REFUSED = { status: 401, body: { code: 'sign_in_refused' } };

let keyhold: Keyhold;
let acme: Workspace;
let owner: SignedInMember;

beforeAll(async () => {
  keyhold = await startKeyhold();
  acme = await keyhold.aWorkspace('Acme');
  owner = await aMember(keyhold, acme, 'owner');
});
afterAll(() => keyhold.stop());

const reset = (memberId: string, call: Client = owner.call) => call('POST', `/members/${memberId}/reset`);
const rowOf = async (memberId: string) =>
  (await keyhold.database.asAdmin<Record<string, unknown>>('SELECT * FROM members WHERE member_id = $1', [memberId]))[0];
const liveSessionsOf = (memberId: string) =>
  keyhold.database.asAdmin('SELECT FROM sessions WHERE member_id = $1 AND ended_at IS NULL AND expires_at > now()', [memberId]);

async function invitationOf(memberId: string): Promise<{ token: string; expiresAt: string }> {
  const { status, body, text } = await reset(memberId);
  if (status !== 201) throw new Error(`resetting a member: ${text}`);
  return body.invitation as { token: string; expiresAt: string };
}

describe('a member who is reset', () => {
  test('is out everywhere, and comes in with nothing of what they had', async () => {
    const person = await aPerson(keyhold, acme);
    const browser = await signIn(keyhold, person);
    expect(await reset(person.memberId)).toMatchObject({ status: 201, body: { member: { id: person.memberId, status: 'reset' } } });
    const elsewhere = withCookie(await keyhold.anotherNode(), acme, browser);
    expect(await elsewhere('GET', '/session')).toMatchObject({ status: 401 });
    expect(await liveSessionsOf(person.memberId)).toEqual([]);
    expect(await trySignIn(keyhold, person)).toMatchObject(REFUSED);
    expect(await trySignIn(keyhold, person, { recoveryCode: person.recoveryCodes[0] })).toMatchObject(REFUSED);
    expect(await rowOf(person.memberId)).toMatchObject({ status: 'reset', password_hash: null, totp_sealed: null, recovery_codes: [] });
  });

  test('gives themselves no new way in with a session that a node still remembers', async () => {
    const person = await aPerson(keyhold, acme);
    const { call } = await signIn(keyhold, person);
    const { totpSetUp, newTotpCode } = { totpSetUp: 'A'.repeat(80), newTotpCode: '123456' };
    await call('GET', '/session');
    await reset(person.memberId);
    const identity = { password: person.password, totpCode: await aFreshCode(keyhold, person) };
    for (const [method, path, body] of [
      ['POST', '/session/confirm', identity],
      ['PUT', '/password', { ...identity, newPassword: 'seven grey herons at noon' }],
      ['POST', '/authenticator/open', undefined],
      ['PUT', '/authenticator', { ...identity, totpSetUp, newTotpCode }],
      ['POST', '/recovery-codes', undefined],
    ] as const)
      expect((await call(method, path, body)).status).toBeGreaterThanOrEqual(400);
    expect(await rowOf(person.memberId)).toMatchObject({ status: 'reset', password_hash: null, totp_sealed: null, recovery_codes: [] });
    expect(await liveSessionsOf(person.memberId)).toEqual([]);
  });

  test('is answered as everybody who is not signed in, and the trail knows why', async () => {
    const person = await aPerson(keyhold, acme);
    await reset(person.memberId);
    const [answer, usual] = [await trySignIn(keyhold, person), await trySignIn(keyhold, person, { email: 'nobody@workspace.example' })];
    expect(told(answer)).toBe(told(usual));
    const { body } = await acme.call('GET', '/audit-events?type=sign_in.refused&limit=2');
    expect(body.data).toMatchObject([{ details: { reason: 'unknown_member' } }, { details: { account: person.email, reason: 'reset' } }]);
  });

  test('comes again with the invitation, once, as who they were, in the groups and boxes that they had', async () => {
    const person = await aPerson(keyhold, acme, 'admin');
    const { body: group } = await acme.call('POST', '/groups', { name: `Group ${randomUUID()}` });
    await joinGroup(keyhold, acme, group.id as string, person.memberId);
    await letGroupRead(keyhold, acme, group.id as string);
    const itemId = await anItem(acme, { secret: 'box' });
    const invitation = await invitationOf(person.memberId);
    const { person: again, browser } = await join(keyhold, acme, invitation);
    expect(again).toMatchObject({ memberId: person.memberId, email: person.email });
    expect(await browser.call('GET', '/session')).toMatchObject({ status: 200, body: { member: { role: 'admin' } } });
    expect(await browser.call('POST', `/items/${itemId}/unseal`)).toMatchObject({ status: 200 });
    expect(await aClient(keyhold.url)('POST', '/v1/invitations/open', { token: invitation.token })).toMatchObject({ status: 401 });
    expect(await trySignIn(keyhold, again)).toMatchObject({ status: 200 });
    for (const old of [{ password: person.password }, { recoveryCode: person.recoveryCodes[1] }])
      expect(await trySignIn(keyhold, again, old)).toMatchObject(REFUSED);
    expect(await trySignIn(keyhold, { ...again, totpSecret: person.totpSecret })).toMatchObject(REFUSED);
  });

  test('comes with the newest invitation alone, and not when it has expired', async () => {
    const { memberId } = await aPerson(keyhold, acme);
    const [first, second] = [await invitationOf(memberId), await invitationOf(memberId)];
    const open = ({ token }: { token: string }) => aClient(keyhold.url)('POST', '/v1/invitations/open', { token });
    expect(await open(first)).toMatchObject({ status: 401, body: { code: 'invitation_refused' } });
    expect(await open(second)).toMatchObject({ status: 200 });
    const acceptance = await anAcceptance(keyhold, second);
    const third = await invitationOf(memberId);
    expect(await aClient(keyhold.url)('POST', '/v1/invitations/accept', acceptance)).toMatchObject({ status: 401 });
    expect(await open(third)).toMatchObject({ status: 200 });
    expect((Date.parse(third.expiresAt) - Date.now()) / 86_400_000).toBeCloseTo(7, 1);
  });

  test('is out although they sign in at the same time', async () => {
    for (let round = 0; round < 3; round += 1) {
      const person = await aPerson(keyhold, acme);
      const signIns = person.recoveryCodes.slice(0, 5).map((recoveryCode) => trySignIn(keyhold, person, { recoveryCode }));
      const [answer, ...tries] = await Promise.all([reset(person.memberId), ...signIns]);
      expect(answer.status).toBe(201);
      for (const { status } of tries) expect([200, 401]).toContain(status);
      expect(await liveSessionsOf(person.memberId)).toEqual([]);
    }
  });

  test('is neither made active, nor suspended, nor Owner, nor invited as somebody new', async () => {
    const { memberId } = await aPerson(keyhold, acme);
    await reset(memberId);
    const [notYet, notActive, joined] = ['member_not_joined', 'member_not_active', 'member_joined'].map((code) => ({
      status: 409,
      body: { code },
    }));
    for (const status of ['active', 'suspended'])
      expect(await owner.call('PATCH', `/members/${memberId}`, { status })).toMatchObject(notYet ?? {});
    expect(await owner.call('PUT', '/owner', { memberId })).toMatchObject(notActive ?? {});
    expect(await owner.call('POST', `/members/${memberId}/invitation`)).toMatchObject(joined ?? {});
    expect(await owner.call('DELETE', `/members/${memberId}`)).toMatchObject({ status: 204 });
  });

  test('is on record with who did it, and without what lets them in', async () => {
    const person = await aPerson(keyhold, acme);
    await signIn(keyhold, person);
    const { token, expiresAt } = await invitationOf(person.memberId);
    const { body, text } = await acme.call('GET', '/audit-events?type=member.reset&limit=1');
    const { memberId, email } = person;
    expect(body.data).toEqual([
      expect.objectContaining({
        principal: expect.objectContaining({ kind: 'member', role: 'owner', id: owner.memberId }),
        details: { memberId, email, name: 'Ada', role: 'user', sessionsEnded: 2, providerIds: [], expiresAt },
      }),
    ]);
    expect(text).not.toContain(token.slice(-43));
    const digests = await keyhold.database.asAdmin(`SELECT FROM members m WHERE m::text LIKE '%' || $1 || '%'`, [token.slice(-43)]);
    expect(digests).toEqual([]);
    await join(keyhold, acme, { token });
    const joined = (await acme.call('GET', '/audit-events?type=member.joined&limit=1')).body.data as { details: object }[];
    expect(joined[0]?.details).toEqual({ memberId, isAgain: true });
  });
});

describe('nobody resets', () => {
  const RESETS: Readonly<Record<MemberRole, readonly MemberRole[]>> = {
    owner: ['super_admin', 'admin', 'user'],
    super_admin: ['admin', 'user'],
    admin: [],
    user: [],
  };
  const cells = MEMBER_ROLES.flatMap((actor) => MEMBER_ROLES.map((target) => ({ actor, target })));

  test.each(cells)('of their own role or above, nor as less than a Super Admin: $actor, $target', async ({ actor, target }) => {
    const by = actor === 'owner' ? owner : await aMember(keyhold, acme, actor);
    const { memberId } = target === 'owner' ? owner : await aMember(keyhold, acme, target);
    const before = await rowOf(memberId);
    const answer = await reset(memberId, by.call);
    if (RESETS[actor].includes(target)) expect(answer.status).toBe(201);
    else {
      const code = RESETS[actor].length > 0 ? 'outranked' : 'forbidden';
      expect(answer).toMatchObject({ status: 403, body: { code } });
      expect(await rowOf(memberId)).toEqual(before);
    }
  });

  test('themselves, or anybody with the key of a service', async () => {
    const self = await aMember(keyhold, acme, 'super_admin');
    expect(await reset(self.memberId, self.call)).toMatchObject({ status: 403, body: { code: 'outranked' } });
    expect(await reset((await aMember(keyhold, acme, 'user')).memberId, acme.call)).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
  });

  test.each(['directly', 'by a group', 'in a box that was deleted'])(
    'somebody to whom a box is open, %s, that they could not grant themselves',
    async (how) => {
      const [manager, { memberId }] = [await aMember(keyhold, acme, 'super_admin'), await aMember(keyhold, acme, 'user')];
      const boxId = await aBox(acme);
      if (how === 'by a group') {
        const { body } = await acme.call('POST', '/groups', { name: `Group ${randomUUID()}` });
        await joinGroup(keyhold, acme, body.id as string, memberId);
        await aGrant(acme, boxId, { kind: 'group', groupId: body.id as string }, 'read');
      } else await aGrant(acme, boxId, { kind: 'user', memberId }, 'read');
      if (how === 'in a box that was deleted') await acme.call('DELETE', `/boxes/${boxId}`);
      const before = await rowOf(memberId);
      expect(await reset(memberId, manager.call)).toMatchObject({ status: 403, body: { code: 'beyond_own_rights' } });
      expect(await rowOf(memberId)).toEqual(before);
      if (how !== 'in a box that was deleted') {
        await aGrant(acme, boxId, { kind: 'user', memberId: manager.memberId }, 'owner');
        expect(await reset(memberId, manager.call)).toMatchObject({ status: 201 });
      } else expect(await reset(memberId)).toMatchObject({ status: 201 });
    },
  );

  test('without having shown a short time ago who they are', async () => {
    const { memberId } = await aMember(keyhold, acme, 'user');
    const manager = await aMember(keyhold, acme, 'super_admin');
    await keyhold.database.asAdmin(`UPDATE sessions SET confirmed_at = now() - interval '16 minutes' WHERE session_id = $1`, [
      manager.sessionId,
    ]);
    expect(await reset(memberId, manager.call)).toMatchObject({ status: 403, body: { code: 'confirmation_required' } });
  });

  test('who was demoted a moment ago, whatever a node still remembers', async () => {
    const [former, { memberId }] = [await aMember(keyhold, acme, 'super_admin'), await aMember(keyhold, acme, 'user')];
    await former.call('GET', '/members');
    await owner.call('PATCH', `/members/${former.memberId}`, { role: 'admin' });
    expect(await reset(memberId, former.call)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  test('who has not come, or is suspended', async () => {
    const { body } = await owner.call('POST', '/members', { email: `${randomUUID()}@workspace.example`, role: 'user' });
    expect(await reset(body.member.id as string)).toMatchObject({ status: 409, body: { code: 'member_not_joined' } });
    const { memberId } = await aMember(keyhold, acme, 'user');
    await owner.call('PATCH', `/members/${memberId}`, { status: 'suspended' });
    expect(await reset(memberId)).toMatchObject({ status: 409, body: { code: 'member_not_active' } });
  });

  test('of another workspace, who is gone or cannot be: they are one', async () => {
    const globex = await keyhold.aWorkspace();
    const foreign: Person = await aPerson(keyhold, globex);
    const gone = (await aMember(keyhold, acme, 'user')).memberId;
    await owner.call('DELETE', `/members/${gone}`);
    const answers = await Promise.all([randomUUID(), foreign.memberId, gone, 'x'].map((id) => reset(id)));
    expect(new Set(answers.map(told)).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 404, body: { code: 'member_not_found' } });
    expect(await trySignIn(keyhold, foreign)).toMatchObject({ status: 200 });
  });
});
