import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';
import { aFreshCode, aNewAuthenticator, aPerson, signIn, totpCode, trySignIn, withCookie } from '../harness/sign-in.js';
import { anAwsIdentity } from '../harness/principals.js';

jest.setTimeout(60_000);

const REFUSED = { status: 401, body: { code: 'sign_in_refused' } };
const NOT_SET_UP = { status: 422, body: { code: 'totp_code_refused' } };

let keyhold: Keyhold;
let acme: Workspace;

beforeAll(async () => {
  keyhold = await startKeyhold();
  acme = await keyhold.aWorkspace('Acme');
});
afterAll(() => keyhold.stop());

describe('an authenticator that is lost', () => {
  test('is replaced by somebody who has a recovery code, and lets nobody in from then on', async () => {
    const person = await aPerson(keyhold, acme);
    const [first, second] = person.recoveryCodes;
    const other = await signIn(keyhold, person);
    expect(await trySignIn(keyhold, person, { recoveryCode: first })).toMatchObject({ status: 200 });
    const browser = await signIn(keyhold, person);
    const { secret, ...setUp } = await aNewAuthenticator(browser.call);
    const body = { password: person.password, recoveryCode: second, ...setUp };
    expect(await browser.call('PUT', '/authenticator', body)).toMatchObject({ status: 204 });
    expect(await trySignIn(keyhold, person)).toMatchObject(REFUSED);
    expect(await trySignIn(keyhold, person, { recoveryCode: second })).toMatchObject(REFUSED);
    expect(await trySignIn(keyhold, { ...person, totpSecret: secret })).toMatchObject({ status: 200 });
    const node = await keyhold.anotherNode();
    expect(await withCookie(node, acme, browser)('GET', '/session')).toMatchObject({ status: 200 });
    expect(await withCookie(node, acme, other)('GET', '/session')).toMatchObject({ status: 401 });
    const { body: events } = await acme.call('GET', '/audit-events?type=member.authenticator_changed');
    expect(events.data).toMatchObject([{ principal: { id: person.memberId }, details: { code: 'recovery_code' } }]);
  });

  test('is replaced at once after a code of it was used, and the first code of the new one is spent by that', async () => {
    const person = await aPerson(keyhold, acme);
    const { call } = await signIn(keyhold, person);
    const { secret, ...setUp } = await aNewAuthenticator(call);
    const body = { password: person.password, totpCode: await aFreshCode(keyhold, person), ...setUp };
    expect(await call('PUT', '/authenticator', body)).toMatchObject({ status: 204 });
    expect(await trySignIn(keyhold, person, { totpCode: setUp.newTotpCode })).toMatchObject(REFUSED);
    expect(await trySignIn(keyhold, { ...person, totpSecret: secret })).toMatchObject({ status: 200 });
  });

  test('is not replaced without the password and a code that is good', async () => {
    const person = await aPerson(keyhold, acme);
    const { call } = await signIn(keyhold, person);
    const { totpSetUp, newTotpCode } = await aNewAuthenticator(call);
    for (const wrong of [
      { password: 'violet kettle over the pier', totpCode: await aFreshCode(keyhold, person) },
      { password: person.password },
      { password: person.password, totpCode: newTotpCode },
      { password: person.password, recoveryCode: '0000-0000-0000-0000' },
    ])
      expect(await call('PUT', '/authenticator', { ...wrong, totpSetUp, newTotpCode })).toMatchObject({
        status: 403,
        body: { code: 'identity_not_confirmed' },
      });
    expect(await trySignIn(keyhold, person)).toMatchObject({ status: 200 });
  });

  test('is replaced by one that was opened in the same session and shows its code', async () => {
    const person = await aPerson(keyhold, acme);
    const [here, there] = [await signIn(keyhold, person), await signIn(keyhold, person)];
    const [mine, other] = [await aNewAuthenticator(here.call), await aNewAuthenticator(there.call)];
    const identity = { password: person.password, totpCode: await aFreshCode(keyhold, person) };
    for (const setUp of [
      { totpSetUp: other.totpSetUp, newTotpCode: other.newTotpCode },
      { totpSetUp: mine.totpSetUp, newTotpCode: totpCode(other.secret) },
      { totpSetUp: mine.totpSetUp, newTotpCode: totpCode(mine.secret, -4) },
      { totpSetUp: 'AAAA', newTotpCode: mine.newTotpCode },
    ])
      expect(await here.call('PUT', '/authenticator', { ...identity, ...setUp })).toMatchObject(NOT_SET_UP);
    expect(await trySignIn(keyhold, person)).toMatchObject({ status: 200 });
  });

  test('is told another secret each time, and nothing is kept of it', async () => {
    const person = await aPerson(keyhold, acme);
    const { call } = await signIn(keyhold, person);
    const rows = () => keyhold.database.asAdmin('SELECT m::text FROM members m WHERE member_id = $1', [person.memberId]);
    const before = await rows();
    const [first, second] = [await aNewAuthenticator(call), await aNewAuthenticator(call)];
    expect(first.secret).not.toBe(second.secret);
    expect(await rows()).toEqual(before);
  });

  test('is nothing for services and AWS identities to have', async () => {
    for (const call of [acme.call, (await anAwsIdentity(keyhold, acme)).call])
      expect(await call('POST', '/authenticator/open')).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });
});
