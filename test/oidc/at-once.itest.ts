import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { aClient } from '../harness/client.js';
import type { Account, OpenIdProvider } from '../harness/openid-provider.js';
import { type SignedInMember, aMember } from '../harness/principals.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';
import { join } from '../harness/sign-in.js';
import { SESSION, aBrowser, aMappedGroup, aProviderAt, cameBack, invited, registered, sentBackTo, startOf, told } from './oidc-world.js';

jest.setTimeout(60_000);

const PROVIDERS_MAX = 20;

describe('sign-in with an OpenID provider, while something else happens', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  let corp: OpenIdProvider;
  let owner: SignedInMember;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    acme = await keyhold.aWorkspace('Acme');
    corp = await aProviderAt(keyhold, 0);
    owner = await aMember(keyhold, acme, 'owner');
  });
  afterAll(() => keyhold.stop());

  function anAccount(account: Partial<Account> = {}): string {
    const subject = randomUUID();
    corp.accounts.set(subject, { subject, email: emailOf(subject), email_verified: true, name: 'Ada', ...account });
    return subject;
  }
  const emailOf = (subject: string) => `${subject}@acme.example`;
  const admin = (text: string, values?: unknown[]) => keyhold.database.asAdmin<Record<string, unknown>>(text, values);
  const groupsOf = async (memberId: string) =>
    (await admin('SELECT group_id FROM group_members WHERE member_id = $1', [memberId])).map(({ group_id }) => group_id);
  const isIn = async (token: string | undefined) =>
    (await aClient(`${keyhold.url}/v1/workspaces/${acme.id}`, token)('GET', '/session')).status === 200;

  /** For what this transaction holds. */
  async function somebodyWaits(): Promise<void> {
    const waiting = 'SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))';
    while ((await admin(waiting)).length === 0);
  }

  test('a group that is deleted at that moment is left out, and the person is in', async () => {
    const login = await registered(acme, corp);
    const [stays, goes] = [await aMappedGroup(acme, login, 'crew'), await aMappedGroup(acme, login, 'pilots')];
    const ada = anAccount({ groups: ['crew', 'pilots'] });
    const memberId = await invited(acme, emailOf(ada));
    const browser = aBrowser(keyhold);
    const callback = await sentBackTo(browser, startOf(keyhold, acme, login), ada);
    await admin('BEGIN');
    await admin('DELETE FROM groups WHERE group_id = $1', [goes]);
    const landing = browser.open(callback);
    await somebodyWaits();
    await admin('COMMIT');
    expect(await landing).toMatchObject({ status: 200 });
    expect(await isIn(browser.cookie(keyhold.url, SESSION))).toBe(true);
    expect(await groupsOf(memberId)).toEqual([stays]);
    const added = (await told(acme, 'group.member_added')).filter(({ details }) => (details as { memberId: string }).memberId === memberId);
    expect(added).toMatchObject([{ details: { groupId: stays } }]);
  });

  test('nobody is put into a group by hand that is deleted at that moment', async () => {
    const { body } = await acme.call('POST', '/groups', { name: `Group ${randomUUID()}` });
    const { memberId } = await aMember(keyhold, acme, 'user');
    await admin('BEGIN');
    await admin('DELETE FROM groups WHERE group_id = $1', [body.id]);
    const putting = acme.call('PUT', `/groups/${body.id as string}/members/${memberId}`);
    await somebodyWaits();
    await admin('COMMIT');
    expect(await putting).toMatchObject({ status: 404, body: { code: 'group_not_found' } });
  });

  test('of 25 providers that are registered at once on two nodes, a workspace has 20', async () => {
    const globex = await keyhold.aWorkspace();
    const { clientId, clientSecret } = corp.aClient();
    const there = aClient(`${(await keyhold.anotherNode()).url}/v1/workspaces/${globex.id}`, globex.token);
    const order = () => ({ name: `Login ${randomUUID()}`, issuer: corp.issuer, clientId, clientSecret });
    const answers = await Promise.all(
      Array.from({ length: PROVIDERS_MAX + 5 }, (_, nth) => (nth % 2 ? there : globex.call)('POST', '/identity-providers', order())),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(PROVIDERS_MAX);
    for (const answer of answers.filter(({ status }) => status !== 201))
      expect(answer).toMatchObject({ status: 409, body: { code: 'identity_provider_limit' } });
    const [row] = await admin('SELECT count(*)::integer AS count FROM identity_providers WHERE workspace_id = $1', [globex.id]);
    expect(row).toEqual({ count: PROVIDERS_MAX });
  });

  describe('somebody who was reset', () => {
    const reset = async (memberId: string) =>
      (await owner.call('POST', `/members/${memberId}/reset`)).body as { invitation: { token: string } };

    test('is known to no provider any more, neither by subject nor by address', async () => {
      const login = await registered(acme, corp);
      const ada = anAccount();
      const memberId = await invited(acme, emailOf(ada));
      const before = aBrowser(keyhold);
      await cameBack(before, startOf(keyhold, acme, login), ada);
      const { invitation } = await reset(memberId);
      expect(await admin('SELECT FROM member_identities WHERE member_id = $1', [memberId])).toEqual([]);
      expect((await told(acme, 'member.reset'))[0]?.details).toMatchObject({ memberId, providerIds: [login.id], sessionsEnded: 1 });
      for (const account of [ada, anAccount({ email: emailOf(ada) })]) {
        const browser = aBrowser(keyhold);
        expect(await cameBack(browser, startOf(keyhold, acme, login), account)).toMatchObject({ status: 401 });
        expect((await told(acme, 'sign_in.refused'))[0]).toMatchObject({ details: { reason: 'link_not_allowed' } });
      }
      expect((await join(keyhold, acme, invitation)).person.memberId).toBe(memberId);
    });

    test('comes again by a provider that is trusted to become anybody, and the invitation is worth nothing then', async () => {
      const login = await registered(acme, corp, { linksActiveMembers: true });
      const ada = anAccount();
      const memberId = await invited(acme, emailOf(ada));
      await cameBack(aBrowser(keyhold), startOf(keyhold, acme, login), ada);
      const { invitation } = await reset(memberId);
      const browser = aBrowser(keyhold);
      await cameBack(browser, startOf(keyhold, acme, login), ada);
      expect(await isIn(browser.cookie(keyhold.url, SESSION))).toBe(true);
      expect(await aClient(keyhold.url)('POST', '/v1/invitations/open', { token: invitation.token })).toMatchObject({ status: 401 });
      const joined = (await told(acme, 'member.joined')).map(({ details }) => details as { memberId: string; isAgain?: true });
      expect(joined.filter((details) => details.memberId === memberId)).toEqual([{ memberId, isAgain: true }, { memberId }]);
    });

    test('while they come back from the provider is out', async () => {
      const login = await registered(acme, corp);
      const ada = anAccount();
      const memberId = await invited(acme, emailOf(ada));
      await cameBack(aBrowser(keyhold), startOf(keyhold, acme, login), ada);
      const [answer, ...landed] = await Promise.all([
        owner.call('POST', `/members/${memberId}/reset`),
        ...Array.from({ length: 4 }, () => cameBack(aBrowser(keyhold), startOf(keyhold, acme, login), ada)),
      ]);
      expect(answer.status).toBe(201);
      for (const { status } of landed) expect([200, 401]).toContain(status);
      expect(await admin('SELECT FROM sessions WHERE member_id = $1 AND ended_at IS NULL', [memberId])).toEqual([]);
    });
  });
});
