import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { aClient } from '../harness/client.js';
import { anItem } from '../harness/item.js';
import type { Account, OpenIdProvider } from '../harness/openid-provider.js';
import { aMember, anInvitedMember, letGroupRead } from '../harness/principals.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';
import { FLOW, SESSION, aBrowser, aMappedGroup, aProviderAt, cameBack, invited, registered, startOf, told } from './oidc-world.js';

jest.setTimeout(60_000);

describe('people who sign in with an OpenID provider', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  let corp: OpenIdProvider;
  let partner: OpenIdProvider;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    acme = await keyhold.aWorkspace('Acme');
    [corp, partner] = await Promise.all([aProviderAt(keyhold, 0, 'id-token'), aProviderAt(keyhold, 1, 'userinfo')]);
  });
  afterAll(() => keyhold.stop());

  /** Somebody known to a provider, by the name with which they sign in there. */
  function anAccount(provider: OpenIdProvider, account: Partial<Account> = {}): string {
    const subject = randomUUID();
    provider.accounts.set(subject, { subject, email: `${subject}@acme.example`, email_verified: true, name: 'Ada', ...account });
    return subject;
  }
  const emailOf = (subject: string) => `${subject}@acme.example`;
  const cookieClient = (token: string | undefined, workspace = acme) => aClient(`${keyhold.url}/v1/workspaces/${workspace.id}`, token);
  const isIn = async (token: string | undefined, workspace = acme): Promise<boolean> =>
    (await cookieClient(token, workspace)('GET', '/vaults')).status === 200;

  test('see what they can choose from, and of a workspace that is not there what a workspace without providers has', async () => {
    const globex = await keyhold.aWorkspace();
    const { id } = await registered(globex, corp, { name: 'Globex login' });
    const open = aClient(keyhold.url);
    const of = (workspaceId: string) => open('GET', `/v1/sign-in/providers?workspaceId=${workspaceId}`);
    expect((await of(globex.id)).body).toEqual({ data: [{ id, name: 'Globex login' }] });
    const none = await of((await keyhold.aWorkspace()).id);
    expect(none).toMatchObject({ status: 200, body: { data: [] } });
    for (const other of [randomUUID(), 'not-an-id', globex.id.toUpperCase()]) {
      const answer = await of(other);
      expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: none.text });
    }
  });

  describe.each([
    ['in the ID token', () => corp],
    ['from the userinfo endpoint', () => partner],
  ])('with claims %s', (_where, providerOf) => {
    test('join by their verified address when they were invited, and are known by their subject from then on', async () => {
      const provider = providerOf();
      const login = await registered(acme, provider);
      const ada = anAccount(provider, { name: 'Ada Lovelace' });
      const memberId = await invited(acme, emailOf(ada));
      const browser = aBrowser(keyhold);
      const landed = await cameBack(browser, startOf(keyhold, acme, login, '/boxes?a=1&b=2'), ada);
      expect(landed).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' } });
      expect(landed.text).not.toMatch(/<script|style=/);
      expect(browser.cookie(keyhold.url, FLOW)).toBeUndefined();
      expect(await isIn(browser.cookie(keyhold.url, SESSION))).toBe(true);
      const [row] = await keyhold.database.asAdmin('SELECT status, name, invitation_sha256 FROM members WHERE member_id = $1', [memberId]);
      expect(row).toEqual({ status: 'active', name: 'Ada Lovelace', invitation_sha256: null });

      // the address is another now, and somebody else's
      provider.accounts.set(ada, { subject: ada, email: 'other@acme.example', email_verified: true });
      const again = aBrowser(keyhold);
      await cameBack(again, startOf(keyhold, acme, login), ada);
      expect(await isIn(again.cookie(keyhold.url, SESSION))).toBe(true);
      const mine = (await told(acme, 'sign_in.succeeded')).filter(({ principal }) => (principal as { id: string }).id === memberId);
      expect(mine).toHaveLength(2);
      for (const { details } of mine) expect(details).toEqual({ method: 'oidc', providerId: login.id, subject: ada });
      expect(await told(acme, 'member.joined')).toContainEqual(expect.objectContaining({ details: { memberId } }));
    });

    test('are in the groups that the claim names, and out of a box with the next sign-in after they lost its group', async () => {
      const provider = providerOf();
      const login = await registered(acme, provider);
      const [groupId, otherId] = [await aMappedGroup(acme, login, 'crew'), await aMappedGroup(acme, login, 'pilots')];
      await letGroupRead(keyhold, acme, groupId);
      const itemId = await anItem(acme, { secret: 'box' });
      const ada = anAccount(provider, { groups: ['crew', 'nobody-knows-it'] });
      const memberId = await invited(acme, emailOf(ada));
      const unsealAs = async () => {
        const browser = aBrowser(keyhold);
        await cameBack(browser, startOf(keyhold, acme, login), ada);
        const call = aClient(`${keyhold.url}/v1/workspaces/${acme.id}`, browser.cookie(keyhold.url, SESSION));
        return (await call('POST', `/items/${itemId}/unseal`)).status;
      };
      expect(await unsealAs()).toBe(200);
      expect(await groupsOf(memberId)).toEqual([groupId]);
      provider.accounts.set(ada, { ...provider.accounts.get(ada), subject: ada, groups: 'pilots' });
      expect(await unsealAs()).toBe(404);
      expect(await groupsOf(memberId)).toEqual([otherId]);
      provider.accounts.set(ada, { subject: ada });
      expect(await unsealAs()).toBe(404);
      expect(await groupsOf(memberId)).toEqual([]);
      const changes = async (type: string) =>
        (await told(acme, type)).map(({ details }) => details as { groupId: string; memberId: string });
      expect(await changes('group.member_added')).toEqual(
        expect.arrayContaining([expect.objectContaining({ groupId, memberId }), expect.objectContaining({ groupId: otherId, memberId })]),
      );
      expect(await changes('group.member_removed')).toEqual(
        expect.arrayContaining([expect.objectContaining({ groupId, memberId }), expect.objectContaining({ groupId: otherId, memberId })]),
      );
    });
  });

  const groupsOf = async (memberId: string): Promise<string[]> =>
    (await keyhold.database.asAdmin<{ group_id: string }>('SELECT group_id FROM group_members WHERE member_id = $1', [memberId])).map(
      ({ group_id }) => group_id,
    );

  test('arrive at their page with their session, although the way began at another site', async () => {
    const login = await registered(acme, corp);
    const ada = anAccount(corp);
    await invited(acme, emailOf(ada));
    const browser = aBrowser(keyhold);
    const landed = await cameBack(browser, startOf(keyhold, acme, login, `/v1/workspaces/${acme.id}/vaults?limit=1`), ada);
    // what the callback answers cannot redirect: the browser would not send a Strict cookie on a way that another site began
    expect(await browser.follow('https://elsewhere.example/', `${keyhold.url}/v1/workspaces/${acme.id}/vaults`)).toMatchObject({
      status: 401,
    });
    expect(await browser.goOn(landed)).toMatchObject({ status: 200, url: `${keyhold.url}/v1/workspaces/${acme.id}/vaults?limit=1` });
  });

  test('come in through two providers of one workspace, each of which speaks for itself alone', async () => {
    const trusted = { linksActiveMembers: true };
    const [one, two] = [await registered(acme, corp, trusted), await registered(acme, partner, trusted)];
    const ada = anAccount(corp, { groups: ['crew'] });
    const [crewOfOne, crewOfTwo] = [await aMappedGroup(acme, one, 'crew'), await aMappedGroup(acme, two, 'crew')];
    const memberId = await invited(acme, emailOf(ada));
    const atTwo = anAccount(partner, { email: emailOf(ada), groups: ['crew'] });
    for (const [login, account] of [
      [one, ada],
      [two, atTwo],
    ] as const) {
      const browser = aBrowser(keyhold);
      await cameBack(browser, startOf(keyhold, acme, login), account);
      expect(await isIn(browser.cookie(keyhold.url, SESSION))).toBe(true);
    }
    expect(new Set(await groupsOf(memberId))).toEqual(new Set([crewOfOne, crewOfTwo]));
    partner.accounts.set(atTwo, { subject: atTwo, email: emailOf(ada), email_verified: true });
    await cameBack(aBrowser(keyhold), startOf(keyhold, acme, two), atTwo);
    expect(await groupsOf(memberId)).toEqual([crewOfOne]);
  });

  test('are somebody in one workspace, and nobody in another that has the same provider', async () => {
    const globex = await keyhold.aWorkspace();
    const [here, there] = [await registered(acme, corp), await registered(globex, corp)];
    const ada = anAccount(corp);
    await invited(acme, emailOf(ada));
    const browser = aBrowser(keyhold);
    await cameBack(browser, startOf(keyhold, acme, here), ada);
    const session = browser.cookie(keyhold.url, SESSION);
    expect(await isIn(session)).toBe(true);
    expect(await isIn(session, globex)).toBe(false);
    expect(await cameBack(aBrowser(keyhold), startOf(keyhold, globex, there), ada)).toMatchObject({ status: 401 });
    expect(await cameBack(aBrowser(keyhold), startOf(keyhold, globex, here), ada)).toMatchObject({ status: 404 });
    expect(await cameBack(aBrowser(keyhold), startOf(keyhold, acme, there), ada)).toMatchObject({ status: 404 });
  });

  test('come first at the same time in two browsers, and are one member', async () => {
    const login = await registered(acme, corp);
    const ada = anAccount(corp);
    const memberId = await invited(acme, emailOf(ada));
    const landed = await Promise.all(Array.from({ length: 4 }, () => cameBack(aBrowser(keyhold), startOf(keyhold, acme, login), ada)));
    expect(landed.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await keyhold.database.asAdmin('SELECT subject FROM member_identities WHERE member_id = $1', [memberId])).toEqual([
      { subject: ada },
    ]);
    const joined = (await told(acme, 'member.joined')).filter(({ details }) => (details as { memberId: string }).memberId === memberId);
    expect(joined).toHaveLength(1);
  });

  test('are signed out when their provider is removed, and can no longer come by it', async () => {
    const login = await registered(acme, corp);
    const ada = anAccount(corp);
    await invited(acme, emailOf(ada));
    const browser = aBrowser(keyhold);
    await cameBack(browser, startOf(keyhold, acme, login), ada);
    expect(await acme.call('DELETE', `/identity-providers/${login.id}`)).toMatchObject({ status: 204 });
    const fresh = await keyhold.anotherNode();
    const call = aClient(`${fresh.url}/v1/workspaces/${acme.id}`, browser.cookie(keyhold.url, SESSION));
    expect(await call('GET', '/vaults')).toMatchObject({ status: 401 });
    expect(await cameBack(aBrowser(keyhold), startOf(keyhold, acme, login), ada)).toMatchObject({ status: 404 });
  });

  describe('who are to show again who they are', () => {
    /** Long enough ago that it counts no more. */
    const forgetConfirmation = (memberId: string) =>
      keyhold.database.asAdmin(`UPDATE sessions SET confirmed_at = now() - interval '1 hour' WHERE member_id = $1`, [memberId]);
    const anAdmin = async () => {
      const login = await registered(acme, corp, { linksActiveMembers: true });
      const ada = anAccount(corp);
      const memberId = await anInvitedMember(keyhold, acme, emailOf(ada), { role: 'super_admin' });
      const browser = aBrowser(keyhold);
      await cameBack(browser, startOf(keyhold, acme, login), ada);
      await forgetConfirmation(memberId);
      const node = await keyhold.anotherNode({ KEYHOLD_PUBLIC_URL: keyhold.url });
      return { login, ada, memberId, browser, node };
    };
    const confirmationOf = ({ id }: { id: string }) =>
      `${keyhold.url}/v1/workspaces/${acme.id}/session/confirm/oidc?providerId=${id}&returnTo=/settings`;

    test('sign in at the provider again, although they are signed in there, and may act at once', async () => {
      const { login, ada, browser, node } = await anAdmin();
      const removeOne = async () => {
        const other = await registered(acme, corp);
        const call = aClient(`${node.url}/v1/workspaces/${acme.id}`, browser.cookie(keyhold.url, SESSION));
        return call('DELETE', `/identity-providers/${other.id}`);
      };
      expect(await removeOne()).toMatchObject({ status: 403, body: { code: 'confirmation_required' } });
      const before = browser.cookie(keyhold.url, SESSION);
      const form = await browser.follow(keyhold.url, confirmationOf(login));
      expect(form.text).toContain('<form');
      const landed = await browser.submit(form, { account: ada });
      expect(landed).toMatchObject({ status: 200 });
      expect(landed.text).toContain('url=/settings');
      expect(browser.cookie(keyhold.url, SESSION)).toBe(before);
      const call = aClient(`${keyhold.url}/v1/workspaces/${acme.id}`, before);
      const other = await registered(acme, corp);
      expect(await call('DELETE', `/identity-providers/${other.id}`)).toMatchObject({ status: 204 });
      expect(await told(acme, 'session.confirmed')).toContainEqual({
        principal: expect.objectContaining({ kind: 'member' }),
        details: { method: 'oidc', providerId: login.id, subject: ada },
      });
    });

    test('are refused when it is somebody else who signs in there', async () => {
      const { login, memberId, browser } = await anAdmin();
      const eve = anAccount(corp);
      await invited(acme, emailOf(eve));
      await cameBack(aBrowser(keyhold), startOf(keyhold, acme, login), eve);
      browser.forget(corp.issuer);
      const form = await browser.follow(keyhold.url, confirmationOf(login));
      expect(await browser.submit(form, { account: eve })).toMatchObject({ status: 401 });
      const [row] = await keyhold.database.asAdmin<{ fresh: boolean }>(
        `SELECT confirmed_at > now() - interval '30 minutes' AS fresh FROM sessions WHERE member_id = $1`,
        [memberId],
      );
      expect(row).toEqual({ fresh: false });
    });

    test('are not sent there by a page of another site', async () => {
      const { login, browser } = await anAdmin();
      expect(await browser.follow('https://elsewhere.example/', confirmationOf(login))).toMatchObject({ status: 401 });
    });

    test('are people: keys and AWS identities are not sent anywhere', async () => {
      const login = await registered(acme, corp);
      expect(await acme.call('GET', `/session/confirm/oidc?providerId=${login.id}`)).toMatchObject({ status: 403 });
    });
  });

  test('become members who are active already only where the provider was trusted with it', async () => {
    const [plain, trusted] = [await registered(acme, corp), await registered(acme, corp, { linksActiveMembers: true })];
    const bob = await aMember(keyhold, acme, 'user');
    const account = anAccount(corp, { email: bob.email });
    expect(await cameBack(aBrowser(keyhold), startOf(keyhold, acme, plain), account)).toMatchObject({ status: 401 });
    expect(await cameBack(aBrowser(keyhold), startOf(keyhold, acme, trusted), account)).toMatchObject({ status: 200 });
    expect(await told(acme, 'sign_in.refused')).toContainEqual(
      expect.objectContaining({
        details: { method: 'oidc', account: bob.email, reason: 'link_not_allowed', providerId: plain.id, subject: account },
      }),
    );
  });
});
