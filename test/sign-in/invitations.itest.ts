import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Client, aClient } from '../harness/client.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';
import { anAcceptance, anInvitation, join, openInvitation, totpCode, trySignIn } from '../harness/sign-in.js';

jest.setTimeout(60_000);

const REFUSED = { status: 401, body: { code: 'invitation_refused' } };
const AT_ONCE = 20;

let keyhold: Keyhold;
let acme: Workspace;
let call: Client;

beforeAll(async () => {
  keyhold = await startKeyhold();
  acme = await keyhold.aWorkspace('Acme & Söhne');
  call = aClient(keyhold.url);
});
afterAll(() => keyhold.stop());

const accept = (body: object) => call('POST', '/v1/invitations/accept', body);

describe('an invitation', () => {
  test('makes the Owner of a new workspace a member who is signed in', async () => {
    const { person, browser } = await join(keyhold, acme, acme.ownerInvitation);
    expect(await browser.call('GET', '/session')).toMatchObject({ status: 200, body: { member: { role: 'owner', name: 'Ada' } } });
    expect(person.recoveryCodes).toHaveLength(10);
    expect(await trySignIn(keyhold, person)).toMatchObject({ status: 200 });
  });

  test('is opened as often as one likes, with another secret each time, and keeps nothing', async () => {
    const invited = await anInvitation(keyhold, acme, 'user');
    const rows = () => keyhold.database.asAdmin('SELECT m::text FROM members m WHERE member_id = $1', [invited.memberId]);
    const before = await rows();
    const [first, second] = [await openInvitation(keyhold, invited), await openInvitation(keyhold, invited)];
    expect(first.workspaceName).toBe('Acme & Söhne');
    expect(first.totp.secret).not.toBe(second.totp.secret);
    const uri = new URL(first.totp.uri);
    expect(uri.protocol).toBe('otpauth:');
    expect(uri.searchParams.get('secret')).toBe(first.totp.secret);
    expect(await rows()).toEqual(before);
  });

  test('is accepted with the secret that was opened with it, and no other', async () => {
    const invited = await anInvitation(keyhold, acme, 'user');
    const [mine, other] = [
      await openInvitation(keyhold, invited),
      await openInvitation(keyhold, await anInvitation(keyhold, acme, 'user')),
    ];
    const body = { token: invited.token, name: 'Ada', password: 'violet kettle under the pier' };
    const WRONG = { status: 422, body: { code: 'totp_code_refused' } };
    for (const { totp } of [{ totp: { ...mine.totp, setUp: other.totp.setUp } }, { totp: { ...mine.totp, setUp: 'AAAA' } }])
      expect(await accept({ ...body, totpSetUp: totp.setUp, totpCode: totpCode(totp.secret) })).toMatchObject(WRONG);
    expect(await accept({ ...body, totpSetUp: mine.totp.setUp, totpCode: totpCode(other.totp.secret) })).toMatchObject(WRONG);
    expect(await accept({ ...body, totpSetUp: mine.totp.setUp, totpCode: totpCode(mine.totp.secret) })).toMatchObject({ status: 201 });
  });

  test('is accepted once, when 20 come at once', async () => {
    const acceptance = await anAcceptance(keyhold, await anInvitation(keyhold, acme, 'user'));
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => accept(acceptance)));
    expect(answers.map(({ status }) => status).filter((status) => status === 201)).toHaveLength(1);
    expect(await accept(acceptance)).toMatchObject(REFUSED);
  });

  test.each(['password', 'Password1234!', '123456789012', 'qwertyuiop123', 'Söhne-acme-12', 'aaaaaaaaaaaaaaaa', 'x'.repeat(257)])(
    'is not accepted with the password %j',
    async (password) => {
      const acceptance = await anAcceptance(keyhold, await anInvitation(keyhold, acme, 'user'), password);
      expect(await accept(acceptance)).toMatchObject({
        status: 400,
        body: { code: 'password_not_acceptable', errors: [{ field: 'password' }] },
      });
    },
  );

  test('that is unknown, malformed or expired is answered alike', async () => {
    const expired = await anInvitation(keyhold, acme, 'user', { invitation_expires_at: new Date(Date.now() - 1_000) });
    const unknown = acme.ownerInvitation.token.slice(0, -43) + 'A'.repeat(43);
    const foreign = unknown.replace(/^khi_[0-9a-f]{32}/, `khi_${'0'.repeat(32)}`);
    for (const token of [expired.token, unknown, foreign, 'nonsense', acme.token]) {
      const answer = await call('POST', '/v1/invitations/open', { token });
      expect(answer).toMatchObject({ ...REFUSED, body: { ...REFUSED.body, title: 'This invitation is not valid' } });
    }
  });
});
