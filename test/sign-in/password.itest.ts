import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { aClient } from '../harness/client.js';
import { eventsOf } from '../harness/events.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';
import { type Person, aPerson, anInvitation, cookieOf, join, signIn, trySignIn } from '../harness/sign-in.js';

jest.setTimeout(60_000);

let keyhold: Keyhold;
let acme: Workspace;
let ada: Person;

beforeAll(async () => {
  keyhold = await startKeyhold();
  acme = await keyhold.aWorkspace('Acme');
  ada = await aPerson(keyhold, acme);
});
afterAll(() => keyhold.stop());

const REFUSED = { status: 401, body: { code: 'sign_in_refused' } };

describe('signing in with e-mail address, password and code', () => {
  test('gives the browser a cookie that no page can read and no other host gets, and the body no token', async () => {
    const answer = await trySignIn(keyhold, ada);
    expect(answer).toMatchObject({ status: 200, body: { memberId: ada.memberId, workspaceId: acme.id, role: 'user' } });
    const { expiresAt, csrfToken } = answer.body as { expiresAt: string; csrfToken: string };
    const token = cookieOf(answer);
    const expires = new Date(Math.floor(Date.parse(expiresAt) / 1_000) * 1_000).toUTCString();
    expect(answer.headers.get('set-cookie')).toBe(
      `__Host-keyhold-session=${token}; Path=/; Secure; HttpOnly; SameSite=Strict; Expires=${expires}`,
    );
    expect(token).toMatch(/^khs_[0-9a-f]{32}_[\w-]{43}$/);
    expect(csrfToken).toMatch(/^[\w-]{43}$/);
    expect(answer.text).not.toContain(token);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test('ends 8 hours later, whatever happens in between', async () => {
    const { expiresAt } = await signIn(keyhold, ada);
    expect((Date.parse(expiresAt) - Date.now()) / 3_600_000).toBeCloseTo(8, 1);
  });

  test('gives a program the token, and no cookie', async () => {
    const answer = await trySignIn(keyhold, ada, { as: 'token' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(answer.body).not.toHaveProperty('csrfToken');
    const call = aClient(`${keyhold.url}/v1/workspaces/${acme.id}`, answer.body.token as string);
    expect(await call('GET', '/session')).toMatchObject({ status: 200, body: { member: { id: ada.memberId } } });
  });

  test('takes an e-mail address in any case, and a password that is typed in another composition', async () => {
    const person = { ...(await aPersonWith('Ångström café ﬁre lantern')), email: ada.email };
    expect(await trySignIn(keyhold, person, { email: person.email.toUpperCase() })).toMatchObject(REFUSED);
    const hers = await aPersonWith('Ångström café ﬁre lantern');
    const typed = 'A\u030angstro\u0308m cafe\u0301 fire lantern';
    expect(await trySignIn(keyhold, hers, { email: hers.email.toUpperCase(), password: typed })).toMatchObject({ status: 200 });
  });

  test('is on record with the session it opened', async () => {
    const { sessionId } = await signIn(keyhold, ada);
    expect((await eventsOf(acme.call, { type: 'sign_in.succeeded' }))[0]).toMatchObject({
      principal: { kind: 'member', id: ada.memberId },
      caller: { sessionId, email: ada.email },
      sourceAddress: '127.0.0.1',
      details: { method: 'password', code: 'totp', recoveryCodesLeft: 10 },
    });
  });
});

async function aPersonWith(password: string): Promise<Person> {
  return (await join(keyhold, acme, await anInvitation(keyhold, acme, 'user'), password)).person;
}
