import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { aKey } from '../harness/api-key.js';
import { type Answer, type Client, aClient, told } from '../harness/client.js';
import { eventsOf } from '../harness/events.js';
import { inTurn } from '../harness/lock-queue.js';
import { type SignedInMember, aMember, theOwner } from '../harness/principals.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';
import { anAcceptance, anInvitation, join } from '../harness/sign-in.js';

jest.setTimeout(60_000);

const REFUSED = { status: 401, body: { code: 'invitation_refused' } };
const HOUR_MS = 60 * 60 * 1000;

interface Issuer {
  id: string;
  call: Client;
}

interface Invited {
  memberId: string;
  token: string;
  expiresAt: string;
}

/** How somebody who hands out invitations comes to an end, or to less. `because` is the event that tells of it. */
interface End {
  because: string;
  issuer?: () => Promise<Issuer>;
  come: (issuer: Issuer) => Promise<Answer>;
}

describe('an invitation', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  let owner: SignedInMember;
  let call: Client;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    call = aClient(keyhold.url);
  });
  afterAll(() => keyhold.stop());
  beforeEach(async () => {
    acme = await keyhold.aWorkspace();
    owner = await aMember(keyhold, acme, 'owner');
  });

  const aSuperAdmin = async (): Promise<Issuer> => {
    const { memberId, call } = await aMember(keyhold, acme, 'super_admin');
    return { id: memberId, call };
  };
  const aServiceKey = (expiresAt: string | null = null): Promise<Issuer> =>
    aKey(keyhold, acme, { scopes: ['member:manage', 'workspace:read', 'vault:read'], expiresAt });
  const change = ({ id }: Issuer, to: object) => owner.call('PATCH', `/members/${id}`, to);

  const ENDS: Readonly<Record<string, End>> = {
    'is removed': { because: 'member.removed', come: ({ id }) => owner.call('DELETE', `/members/${id}`) },
    'is suspended': { because: 'member.updated', come: (issuer) => change(issuer, { status: 'suspended' }) },
    'is made an Admin': { because: 'member.updated', come: (issuer) => change(issuer, { role: 'admin' }) },
    'is reset': { because: 'member.reset', come: ({ id }) => owner.call('POST', `/members/${id}/reset`) },
    'hands over the workspace': {
      because: 'owner.transferred',
      issuer: () => Promise.resolve({ id: owner.memberId, call: owner.call }),
      come: async ({ call }) => call('PUT', '/owner', { memberId: (await aMember(keyhold, acme, 'admin')).memberId }),
    },
    'is a key that is revoked': {
      because: 'api_key.revoked',
      issuer: () => aServiceKey(),
      come: ({ id }) => owner.call('DELETE', `/api-keys/${id}`),
    },
  };
  const ends = Object.entries(ENDS).map(([what, end]) => ({ what, end }));

  const open = ({ token }: { token: string }) => call('POST', '/v1/invitations/open', { token });
  const accept = (body: object) => call('POST', '/v1/invitations/accept', body);
  const invite = (by: Issuer) => by.call('POST', '/members', { email: `${randomUUID()}@workspace.example`, role: 'user' });
  const inviteAgain = (by: Client, { memberId }: Invited) => by('POST', `/members/${memberId}/invitation`);
  const anExpired = () => anInvitation(keyhold, acme, 'user', { invitation_expires_at: new Date(Date.now() - 1_000) });
  const rowOf = async ({ memberId }: Invited) =>
    (await keyhold.database.asAdmin<Record<string, unknown>>('SELECT * FROM members WHERE member_id = $1', [memberId]))[0];

  function handedOut({ status, body, text }: Answer): Invited {
    if (status !== 201) throw new Error(`handing out an invitation: ${status} ${text}`);
    const { member, invitation } = body as { member: { id: string }; invitation: { token: string; expiresAt: string } };
    return { memberId: member.id, ...invitation };
  }

  const withdrawals = async (issuer: Issuer) =>
    (await eventsOf(acme.call, { type: 'member.invitation_withdrawn' }))
      .map(({ details }) => details)
      .filter(({ issuedBy }) => issuedBy === issuer.id);

  describe.each(ends)('handed out by somebody who $what', ({ end: { because, come, issuer: anIssuer = aSuperAdmin } }) => {
    let issuer: Issuer;

    beforeEach(async () => {
      issuer = await anIssuer();
    });

    const end = async () => expect((await come(issuer)).status).toBeLessThan(300);

    test('is answered from then on as an expired one, also when it was opened before', async () => {
      const [invited, expired] = [handedOut(await invite(issuer)), await anExpired()];
      const acceptance = await anAcceptance(keyhold, invited);
      await end();
      expect(await open(invited)).toMatchObject(REFUSED);
      expect(told(await open(invited))).toBe(told(await open(expired)));
      expect(told(await accept(acceptance))).toBe(told(await accept({ ...acceptance, token: expired.token })));
      expect(await rowOf(invited)).toMatchObject({ status: 'invited', password_hash: null, totp_sealed: null });
    });

    test('leaves a member who is still invited, and whom others invite again', async () => {
      const invited = handedOut(await invite(issuer));
      await end();
      const { body: shown } = await acme.call('GET', `/members/${invited.memberId}`);
      expect(shown).toMatchObject({ id: invited.memberId, status: 'invited' });
      expect(Date.parse(shown.invitationExpiresAt as string)).toBeLessThanOrEqual(Date.now());
      const renewed = handedOut(await inviteAgain(acme.call, invited));
      expect((await join(keyhold, acme, renewed)).person.memberId).toBe(invited.memberId);
    });

    test('ends in the same commit, and each is on record with the reason', async () => {
      const invited = [handedOut(await invite(issuer)), handedOut(await invite(issuer))];
      await end();
      expect(await withdrawals(issuer)).toEqual(
        expect.arrayContaining(
          invited.map(({ memberId }) =>
            expect.objectContaining({ memberId, role: 'user', status: 'invited', issuedBy: issuer.id, because }),
          ),
        ),
      );
      const commits = await keyhold.database.asAdmin<{ xmin: string }>(
        `SELECT xmin::text FROM members WHERE member_id = ANY ($1)
         UNION ALL SELECT xmin::text FROM audit_events WHERE workspace_id = $2 AND type IN ('member.invitation_withdrawn', $3)`,
        [invited.map(({ memberId }) => memberId), acme.id, because],
      );
      expect(commits).toHaveLength(5);
      expect(new Set(commits.map(({ xmin }) => xmin)).size).toBe(1);
    });

    test('does not take with it what others handed out, also to somebody whom the issuer had invited', async () => {
      const [theirs, renewed] = [handedOut(await invite({ id: '', call: acme.call })), handedOut(await invite(issuer))];
      const again = handedOut(await inviteAgain(acme.call, renewed));
      await end();
      for (const invited of [theirs, again]) expect(await open(invited)).toMatchObject({ status: 200 });
      expect(await open(renewed)).toMatchObject(REFUSED);
      expect(await withdrawals(issuer)).toEqual([]);
    });

    test('takes nothing from those who have come by it', async () => {
      const { browser } = await join(keyhold, acme, handedOut(await invite(issuer)));
      await end();
      expect(await browser.call('GET', '/session')).toMatchObject({ status: 200 });
      expect(await withdrawals(issuer)).toEqual([]);
    });
  });

  describe.each(ends.filter(({ what }) => what !== 'is a key that is revoked'))('of a reset by somebody who $what', ({ end }) => {
    test('is withdrawn as well, and others reset again', async () => {
      const issuer = await (end.issuer ?? aSuperAdmin)();
      const { memberId } = await aMember(keyhold, acme, 'user');
      const invited = handedOut(await issuer.call('POST', `/members/${memberId}/reset`));
      expect(await open(invited)).toMatchObject({ status: 200 });
      expect((await end.come(issuer)).status).toBeLessThan(300);
      expect(await open(invited)).toMatchObject(REFUSED);
      expect(await withdrawals(issuer)).toMatchObject([{ memberId, status: 'reset', because: end.because }]);
      const again = handedOut(await (await theOwner(keyhold, acme)).call('POST', `/members/${memberId}/reset`));
      expect((await join(keyhold, acme, again)).person.memberId).toBe(memberId);
    });
  });

  test.each([{ name: 'Grace' }, { role: 'owner' as const }, { role: 'super_admin' as const }])(
    'stays when whoever handed it out becomes no less: %j',
    async (to) => {
      const { memberId, call: asAdmin } = await aMember(keyhold, acme, 'admin');
      const invited = handedOut(await invite({ id: memberId, call: asAdmin }));
      const made = to.role === 'owner' ? owner.call('PUT', '/owner', { memberId }) : owner.call('PATCH', `/members/${memberId}`, to);
      expect(await made).toMatchObject({ status: 200 });
      expect(await open(invited)).toMatchObject({ status: 200 });
    },
  );

  test('handed out by a key ends with the key at the latest', async () => {
    const expiresAt = new Date(Date.now() + HOUR_MS).toISOString();
    const key = await aServiceKey(expiresAt);
    const invited = handedOut(await invite(key));
    expect(invited.expiresAt).toBe(expiresAt);
    expect((await rowOf(invited))?.['invitation_expires_at']).toEqual(new Date(expiresAt));
    const renewed = handedOut(await inviteAgain(key.call, handedOut(await invite(await aServiceKey()))));
    expect(renewed.expiresAt).toBe(expiresAt);
  });

  describe('that is written into, to keep it alive when its issuer goes, lets nobody in:', () => {
    test.each([`invited_by = 'operator'`, 'invited_by = NULL', `invitation_expires_at = invitation_expires_at + interval '1 day'`])(
      '%s',
      async (written) => {
        const invited = handedOut(await invite(await aSuperAdmin()));
        expect(await open(invited)).toMatchObject({ status: 200 });
        await keyhold.database.asAdmin(`UPDATE members SET ${written} WHERE member_id = $1`, [invited.memberId]);
        expect(await open(invited)).toMatchObject(REFUSED);
      },
    );

    test('and one that nobody is known to have handed out neither', async () => {
      expect(await open(await anInvitation(keyhold, acme, 'user', { invited_by: null }))).toMatchObject(REFUSED);
    });
  });

  describe('while its issuer goes', () => {
    const issuers: readonly {
      who: string;
      table: 'members' | 'api_keys';
      aNew: () => Promise<Issuer>;
      end: (issuer: Issuer) => Promise<Answer>;
    }[] = [
      { who: 'a member', table: 'members', aNew: aSuperAdmin, end: ({ id }) => owner.call('DELETE', `/members/${id}`) },
      { who: 'a key', table: 'api_keys', aNew: () => aServiceKey(), end: ({ id }) => owner.call('DELETE', `/api-keys/${id}`) },
    ];

    test.each(issuers)('$who: one that came first is withdrawn', async ({ table, aNew, end }) => {
      const issuer = await aNew();
      const [answer, ended] = await inTurn(
        keyhold.database,
        { table, id: issuer.id },
        () => invite(issuer),
        () => end(issuer),
      );
      expect(ended).toMatchObject({ status: 204 });
      expect(await open(handedOut(answer))).toMatchObject(REFUSED);
      expect(await withdrawals(issuer)).toHaveLength(1);
    });

    test.each(issuers)('$who: one that comes second is not handed out', async ({ table, aNew, end }) => {
      const issuer = await aNew();
      const [ended, answer] = await inTurn(
        keyhold.database,
        { table, id: issuer.id },
        () => end(issuer),
        () => invite(issuer),
      );
      expect(ended).toMatchObject({ status: 204 });
      expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    });

    test.each(issuers)('$who: neither waits for the other when it is handed out again', async ({ table, aNew, end }) => {
      const issuer = await aNew();
      const invited = handedOut(await invite(issuer));
      const renew = () => inviteAgain(issuer.call, invited);
      const [ended, answer] = await inTurn(keyhold.database, { table, id: issuer.id }, () => end(issuer), renew);
      expect(ended).toMatchObject({ status: 204 });
      expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
      expect(await open(invited)).toMatchObject(REFUSED);
    });

    test.each(issuers)('$who: nobody comes by it who accepts too late, and who was in time is in', async ({ aNew, end }) => {
      const issuer = await aNew();
      const [early, late] = [handedOut(await invite(issuer)), handedOut(await invite(issuer))];
      const [first, second] = [await anAcceptance(keyhold, early), await anAcceptance(keyhold, late)];
      const inTime = () =>
        inTurn(
          keyhold.database,
          { table: 'members', id: early.memberId },
          () => accept(first),
          () => end(issuer),
        );
      const [[accepted, ended], tooLate] = await inTime().then(async (answers) => [answers, await accept(second)] as const);
      expect([accepted.status, ended.status]).toEqual([201, 204]);
      expect(tooLate).toMatchObject(REFUSED);
      expect((await withdrawals(issuer)).map(({ memberId }) => memberId)).toEqual([late.memberId]);
    });

    test.each(issuers)('$who: an acceptance that began before is refused when it comes to its end after', async ({ aNew, end }) => {
      const issuer = await aNew();
      const invited = handedOut(await invite(issuer));
      const acceptance = await anAcceptance(keyhold, invited);
      const place = { table: 'members' as const, id: invited.memberId };
      const [ended, accepted] = await inTurn(
        keyhold.database,
        place,
        () => end(issuer),
        () => accept(acceptance),
      );
      expect(ended).toMatchObject({ status: 204 });
      expect(accepted).toMatchObject(REFUSED);
      expect(await rowOf(invited)).toMatchObject({ status: 'invited', password_hash: null });
    });

    test('many that are handed out meanwhile leave none that opens anything', async () => {
      for (let round = 0; round < 3; round += 1) {
        const issuer = await aSuperAdmin();
        const before = await Promise.all(Array.from({ length: 5 }, async () => handedOut(await invite(issuer))));
        const [ended, ...answers] = await Promise.all([
          owner.call('DELETE', `/members/${issuer.id}`),
          ...before.map((invited) => inviteAgain(issuer.call, invited)),
          ...before.map(() => invite(issuer)),
        ]);
        expect(ended).toMatchObject({ status: 204 });
        for (const { status } of answers) expect([201, 403, 401]).toContain(status);
        const given = answers.filter(({ status }) => status === 201).map(handedOut);
        for (const invited of [...before, ...given]) expect(await open(invited)).toMatchObject(REFUSED);
      }
    });
  });

  test('nothing of all this was a fault of the service', () => {
    expect(keyhold.log()).not.toContain('"code":"internal"');
  });
});
