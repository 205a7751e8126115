import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { MemberRows, type MemberStatus, RowMacs } from '#access';
import { RootKey } from '#envelope';
import type { Answer } from '../harness/client.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';
import { type Person, aFreshCode, aPerson, anInvitation, signIn, totpCode, trySignIn } from '../harness/sign-in.js';

jest.setTimeout(60_000);

const AT_ONCE = 20;
const REFUSED = { status: 401, body: { code: 'sign_in_refused' } };

let keyhold: Keyhold;
let acme: Workspace;
let there: { url: string };

beforeAll(async () => {
  keyhold = await startKeyhold();
  [acme, there] = await Promise.all([keyhold.aWorkspace('Acme'), keyhold.anotherNode()]);
});
afterAll(() => keyhold.stop());

/** All that an answer tells, but for what is of this request alone. */
function told({ status, headers, text, body }: Answer): unknown {
  const { requestId } = body as { requestId: string };
  const lasting = [...headers].filter(([name]) => name !== 'x-request-id' && name !== 'date');
  return { status, text: text.replace(requestId, '<request id>'), headers: lasting };
}

async function setStatus({ memberId }: Person, status: MemberStatus): Promise<void> {
  const members = new MemberRows(new RowMacs(RootKey.fromBytes(keyhold.rootKey)));
  const query = async <Row>({ text }: { text: string }, values: readonly unknown[] = []) =>
    (await keyhold.database.asAdmin(text, [acme.id, ...values])) as Row[];
  const row = await members.find({ query }, acme.id, memberId);
  if (!row) throw new Error('no such member');
  await members.update({ query }, acme.id, { ...row, status });
}

const wrongDigit = (code: string): string => code.replace(/^\d/, (digit) => String((Number(digit) + 1) % 10));

describe('nobody is told why they are not signed in', () => {
  const CASES: Record<string, { reason: string | undefined; attempt: () => Promise<Answer> }> = {
    'an unknown workspace': {
      reason: undefined,
      attempt: async () => trySignIn(keyhold, await aPerson(keyhold, acme), { workspaceId: randomUUID() }),
    },
    'an unknown e-mail address': {
      reason: 'unknown_member',
      attempt: async () => trySignIn(keyhold, await aPerson(keyhold, acme), { email: 'nobody@workspace.example' }),
    },
    'a wrong password': {
      reason: 'wrong_password',
      attempt: async () => trySignIn(keyhold, await aPerson(keyhold, acme), { password: 'violet kettle over the pier' }),
    },
    'a wrong code': {
      reason: 'wrong_code',
      attempt: async () => {
        const person = await aPerson(keyhold, acme);
        return trySignIn(keyhold, person, { totpCode: wrongDigit(await aFreshCode(keyhold, person)) });
      },
    },
    'a code of long ago': {
      reason: 'wrong_code',
      attempt: async () => {
        const person = await aPerson(keyhold, acme);
        return trySignIn(keyhold, person, { totpCode: totpCode(person.totpSecret, -4) });
      },
    },
    'no code': {
      reason: 'no_code',
      attempt: async () => trySignIn(keyhold, await aPerson(keyhold, acme), { totpCode: undefined }),
    },
    'two codes': {
      reason: 'wrong_code',
      attempt: async () => {
        const person = await aPerson(keyhold, acme);
        return trySignIn(keyhold, person, { totpCode: await aFreshCode(keyhold, person), recoveryCode: person.recoveryCodes[0] });
      },
    },
    'a used code': {
      reason: 'used_code',
      attempt: async () => {
        const person = await aPerson(keyhold, acme);
        const code = await aFreshCode(keyhold, person);
        await trySignIn(keyhold, person, { totpCode: code });
        return trySignIn(keyhold, person, { totpCode: code });
      },
    },
    'a suspended member': {
      reason: 'suspended',
      attempt: async () => {
        const person = await aPerson(keyhold, acme);
        await setStatus(person, 'suspended');
        return trySignIn(keyhold, person);
      },
    },
    'somebody who was only invited': {
      reason: 'invited',
      attempt: async () => {
        const email = `${randomUUID()}@workspace.example`;
        await anInvitation(keyhold, acme, 'user', { email });
        return trySignIn(keyhold, await aPerson(keyhold, acme), { email });
      },
    },
  };

  test.each(Object.entries(CASES))('%s is answered in the same bytes as everything else', async (_name, { attempt, reason }) => {
    const usual = told(await trySignIn(keyhold, await aPerson(keyhold, acme), { password: 'something else altogether' }));
    const answer = await attempt();
    expect(answer).toMatchObject(REFUSED);
    expect(told(answer)).toEqual(usual);
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(await reasonsOf(answer)).toEqual(reason === undefined ? [] : [reason]);
  });

  async function reasonsOf({ headers }: Answer): Promise<unknown[]> {
    const rows = await keyhold.database.asAdmin<{ type: string; details: { reason: string } }>(
      'SELECT type, details FROM audit_events WHERE request_id = $1',
      [headers.get('x-request-id')],
    );
    return rows.map(({ type, details }) => (type === 'sign_in.refused' ? details.reason : type));
  }

  test('a row that somebody else wrote into the database signs nobody in', async () => {
    const [ada, eve] = [await aPerson(keyhold, acme), await aPerson(keyhold, acme)];
    await keyhold.database.asAdmin(
      `UPDATE members SET password_hash = e.password_hash, totp_sealed = e.totp_sealed FROM members e
       WHERE members.member_id = $1 AND e.member_id = $2`,
      [ada.memberId, eve.memberId],
    );
    expect(await trySignIn(keyhold, ada, { password: eve.password, totpCode: totpCode(eve.totpSecret) })).toMatchObject(REFUSED);
  });
});

describe('a code', () => {
  test('signs in once, when it comes 20 times at once on two nodes', async () => {
    const person = await aPerson(keyhold, acme);
    const code = await aFreshCode(keyhold, person);
    const nodes = [keyhold, there];
    const answers = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, nth) => trySignIn(keyhold, person, { totpCode: code }, { node: nodes[nth % 2] ?? keyhold })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const rows = await keyhold.database.asAdmin('SELECT 1 FROM sessions WHERE member_id = $1', [person.memberId]);
    expect(rows).toHaveLength(2); // of joining, and this one
  });

  test('that let somebody accept an invitation does not sign them in', async () => {
    const person = await aPerson(keyhold, acme);
    await keyhold.database.asAdmin('UPDATE members SET totp_last_step = $2 WHERE member_id = $1', [
      person.memberId,
      Math.floor(Date.now() / 30_000) + 1,
    ]);
    expect(await trySignIn(keyhold, person, { totpCode: totpCode(person.totpSecret) })).toMatchObject(REFUSED);
  });

  test('for recovery signs in once, however it is typed, also on two nodes at once', async () => {
    const person = await aPerson(keyhold, acme);
    const [first = '', second = ''] = person.recoveryCodes;
    const nodes = [keyhold, there];
    const answers = await Promise.all(nodes.map((node) => trySignIn(keyhold, person, { recoveryCode: first }, { node })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401]);
    expect(await trySignIn(keyhold, person, { recoveryCode: second.toUpperCase().replaceAll('-', ' ') })).toMatchObject({ status: 200 });
    expect(await trySignIn(keyhold, person, { recoveryCode: second })).toMatchObject(REFUSED);
  });

  test('for recovery is worth nothing once there are new ones', async () => {
    const person = await aPerson(keyhold, acme);
    const browser = await signIn(keyhold, person);
    const { status, body } = await browser.call('POST', '/recovery-codes');
    expect(status).toBe(201);
    const { recoveryCodes } = body as { recoveryCodes: string[] };
    expect(new Set(recoveryCodes).size).toBe(10);
    for (const code of recoveryCodes) expect(code).toMatch(/^[0-9a-hjkmnp-tv-z]{4}(?:-[0-9a-hjkmnp-tv-z]{4}){3}$/);
    expect(await trySignIn(keyhold, person, { recoveryCode: person.recoveryCodes[0] })).toMatchObject(REFUSED);
    expect(await trySignIn(keyhold, person, { recoveryCode: recoveryCodes[0] })).toMatchObject({ status: 200 });
  });
});
