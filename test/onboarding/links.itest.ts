import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { SETUP_FILES } from '#aws';
import { type Answer, aClient, told } from '../harness/client.js';
import { aCustomer } from '../harness/customer.js';
import { logged } from '../harness/logged.js';
import { aMember } from '../harness/principals.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';
import { VALUES, aSetupLink } from '../harness/setup-link.js';

jest.setTimeout(60_000);

const HOUR_MS = 60 * 60 * 1000;

describe('a link for the customer’s AWS team', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  let globex: Workspace;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    globex = await keyhold.aWorkspace('Globex');
  });
  afterAll(() => keyhold.stop());
  beforeEach(async () => {
    acme = await keyhold.aWorkspace('Acme');
  });

  const create = (order: object = {}, by = acme.call): Promise<Answer> => by('POST', '/aws-setup/links', { name: 'AWS team', ...order });
  const holder = (url: string) => aClient(`${keyhold.url}/v1/aws-setup`, new URL(url).hash.slice(1));
  const events = async (type: string): Promise<{ details: object; principal: object; sourceAddress: string }[]> =>
    (await acme.call('GET', `/audit-events?type=${type}`)).body.data as never;
  const proposals = async (): Promise<{ id: string; awsKms: object | null }[]> =>
    (await acme.call('GET', '/aws-setup/proposals')).body.data as never;

  test('shows what is needed to somebody without an account, and brings back what a vault is made of', async () => {
    const { status, body } = await create({ showsWorkspaceName: true });
    expect(status).toBe(201);
    expect(body.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/aws-setup#khl_[0-9a-f]{32}_[\w-]{43}$/);
    const opened = await holder(body.url as string)('GET', '');
    const { body: setup } = await acme.call('GET', '/aws-setup');
    const { principalArn, externalId, regions, key, trustPolicy, permissionPolicy } = setup as Record<string, object>;
    expect(opened).toMatchObject({
      status: 200,
      body: {
        workspaceName: 'Acme',
        expiresAt: body.link.expiresAt,
        proposalsLeft: 5,
        ...{ principalArn, externalId, regions, key, trustPolicy, permissionPolicy },
      },
    });
    for (const { name, fileName, mediaType, text } of opened.body.files as Record<string, string>[]) {
      const file = await acme.call('GET', `/aws-setup/${String(name)}`);
      expect(file.text).toBe(text);
      expect(file.headers.get('content-type')).toBe(`${String(mediaType)}; charset=utf-8`);
      expect(file.headers.get('content-disposition')).toBe(`attachment; filename="${String(fileName)}"`);
    }

    const { target } = await aCustomer(keyhold.sandbox, { externalId: acme.id, principalArn: keyhold.platform.principalArn });
    expect(await holder(body.url as string)('POST', '/proposals', target)).toMatchObject({ status: 201 });
    const [proposal] = await proposals();
    expect(proposal).toMatchObject({ linkName: 'AWS team', linkId: body.link.id, sourceAddress: '127.0.0.1', awsKms: target });
    const vault = await acme.call('POST', '/vaults', { name: 'Theirs', strategy: 'aws-kms', awsKms: proposal?.awsKms });
    expect(vault).toMatchObject({ status: 201, body: { report: { ok: true } } });
    expect((await acme.call('DELETE', `/aws-setup/proposals/${String(proposal?.id)}`)).status).toBe(204);
    expect(await proposals()).toEqual([]);
  });

  test('tells nobody’s id, and the workspace’s name only when that was wanted', async () => {
    const admin = await aMember(keyhold, acme, 'admin');
    const { body } = await create({}, admin.call);
    expect(body.link).toMatchObject({ createdBy: admin.memberId, showsWorkspaceName: false });
    const opened = await holder(body.url as string)('GET', '');
    expect(opened.body.workspaceName).toBeNull();
    for (const secret of ['Acme', admin.memberId, admin.email, 'AWS team', acme.defaultVaultId, body.link.id as string])
      expect(opened.text).not.toContain(secret);
  });

  test('opens nothing else', async () => {
    const { token } = await aSetupLink(keyhold, acme);
    const call = aClient(`${keyhold.url}/v1/workspaces/${acme.id}`, token);
    for (const path of ['', '/aws-setup', '/aws-setup/cli', '/aws-setup/links', '/aws-setup/proposals', '/vaults', '/members', '/session'])
      expect(await call('GET', path)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(await call('POST', '/vaults', { name: 'Mine', strategy: 'default' })).toMatchObject({ status: 403 });
    const elsewhere = aClient(`${keyhold.url}/v1/workspaces/${globex.id}`, token);
    expect(await elsewhere('GET', '/aws-setup')).toMatchObject({ status: 404, body: { code: 'workspace_not_found' } });
    expect(await aClient(keyhold.url, token)('POST', '/v1/workspaces', {})).toMatchObject({ status: 403 });
    const [refused] = await events('access.refused');
    expect(refused).toMatchObject({ principal: { kind: 'setup_link', name: 'AWS team' } });
  });

  test('is no way in for anybody else: neither people nor services answer for an AWS team', async () => {
    const owner = await aMember(keyhold, acme, 'owner');
    for (const token of [acme.token, owner.token, keyhold.operatorToken])
      expect(await aClient(keyhold.url, token)('GET', '/v1/aws-setup')).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(await aClient(keyhold.url)('GET', '/v1/aws-setup')).toMatchObject({ status: 401 });
  });

  test('that has expired, was revoked, was never made, or is of another workspace is answered alike', async () => {
    const live = await aSetupLink(keyhold, acme);
    const expired = await aSetupLink(keyhold, acme, { expiresAt: new Date(Date.now() - 1) });
    const revoked = await aSetupLink(keyhold, acme);
    expect((await acme.call('DELETE', `/aws-setup/links/${revoked.linkId}`)).status).toBe(204);
    const moved = live.token.replace(acme.id.replaceAll('-', ''), globex.id.replaceAll('-', ''));
    const unknown = live.token.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    const otherKind = live.token.replace('khl_', 'khw_');
    const answers = new Set<string>();
    for (const token of [expired.token, revoked.token, moved, unknown, otherKind])
      for (const [method, path] of [
        ['GET', ''],
        ['POST', '/proposals'],
      ] as const)
        answers.add(told(await aClient(`${keyhold.url}/v1/aws-setup`, token)(method, path, method === 'POST' ? VALUES : undefined)));
    expect([...answers]).toHaveLength(1);
    expect([...answers][0]).toContain('"code":"unauthenticated"');
    expect((await live.call('GET', '')).status).toBe(200);
  });

  test('stops at once for what changes something when it is revoked, also on a node that knows it still', async () => {
    const link = await aSetupLink(keyhold, acme);
    expect((await link.call('GET', '')).status).toBe(200);
    expect((await acme.call('DELETE', `/aws-setup/links/${link.linkId}`)).status).toBe(204);
    expect(await link.call('GET', '')).toMatchObject({ status: 401 });
    expect(await link.call('POST', '/proposals', VALUES)).toMatchObject({ status: 401 });
    expect(await proposals()).toEqual([]);
  });

  test.each([
    ['an account that is none', { accountId: '11112222333' }, 'account_id_invalid'],
    ['an account in other digits', { accountId: '١١١١٢٢٢٢٣٣٣٣' }, 'account_id_invalid'],
    ['a key of one Region', { keyId: '1234abcd-12ab-34cd-56ef-1234567890ab' }, 'key_id_invalid'],
    ['the ARN of a key', { keyId: `arn:aws:kms:us-east-2:111122223333:key/${VALUES.keyId}` }, 'key_id_invalid'],
    ['a role of another account', { roleArn: 'arn:aws:iam::444455556666:role/keyhold' }, 'account_mismatch'],
    ['a user', { roleArn: 'arn:aws:iam::111122223333:user/keyhold' }, 'role_arn_invalid'],
    ['a path that climbs', { roleArn: 'arn:aws:iam::111122223333:role/../keyhold' }, 'role_arn_invalid'],
    ['markup', { roleArn: 'arn:aws:iam::111122223333:role/<script>' }, 'role_arn_invalid'],
  ])('takes no %s', async (_what, change, cause) => {
    const link = await aSetupLink(keyhold, acme);
    const answer = await link.call('POST', '/proposals', { ...VALUES, ...change });
    expect(answer).toMatchObject({ status: 400, body: { code: 'vault_config_not_valid', cause, remedy: expect.any(String) } });
    expect(await proposals()).toEqual([]);
  });

  test.each([{}, { accountId: 1 }, { ...VALUES, note: 'x' }, { ...VALUES, keyId: 'k'.repeat(2_049) }, { ...VALUES, roleArn: null }])(
    'takes nothing but the three values: %#',
    async (body) => {
      const link = await aSetupLink(keyhold, acme);
      expect(await link.call('POST', '/proposals', body)).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    },
  );

  test('takes five values, however many come at once, and more when some were discarded', async () => {
    const link = await aSetupLink(keyhold, acme);
    const answers = await Promise.all(Array.from({ length: 12 }, () => link.call('POST', '/proposals', VALUES)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(5);
    for (const answer of answers.filter(({ status }) => status !== 201))
      expect(answer).toMatchObject({ status: 409, body: { code: 'setup_proposal_quota_reached' } });
    expect((await link.call('GET', '')).body.proposalsLeft).toBe(0);
    const [first] = await proposals();
    await acme.call('DELETE', `/aws-setup/proposals/${String(first?.id)}`);
    expect((await link.call('POST', '/proposals', VALUES)).status).toBe(201);
  });

  test('can be made ten times at the same time, however many are asked for at once, and again when one has ended', async () => {
    const answers = await Promise.all(Array.from({ length: 14 }, () => create()));
    const made = answers.filter(({ status }) => status === 201);
    expect(made).toHaveLength(10);
    for (const answer of answers.filter(({ status }) => status !== 201))
      expect(answer).toMatchObject({ status: 409, body: { code: 'setup_link_quota_reached' } });
    expect((await acme.call('DELETE', `/aws-setup/links/${made[0]?.body.link.id as string}`)).status).toBe(204);
    expect((await create()).status).toBe(201);
    expect((await create({}, globex.call)).status).toBe(201);
  });

  test('lives for a week, or as long as was said, from an hour to thirty days', async () => {
    const hoursOf = async (order: object): Promise<number> => {
      const { expiresAt, createdAt } = (await create(order)).body.link as Record<string, string>;
      return Math.round((Date.parse(String(expiresAt)) - Date.parse(String(createdAt))) / HOUR_MS);
    };
    expect([await hoursOf({}), await hoursOf({ validForHours: 1 }), await hoursOf({ validForHours: 720 })]).toEqual([168, 1, 720]);
    for (const validForHours of [0, 721, 1.5, -1, '24', 1e9])
      expect(await create({ validForHours })).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    for (const order of [{ name: '' }, { name: 'x'.repeat(101) }, { name: 'a\nb' }, { showsWorkspaceName: 'yes' }, { id: 'x' }])
      expect(await create(order)).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
  });

  test('is for those to make, see and revoke who register keys', async () => {
    const [admin, user] = [await aMember(keyhold, acme, 'admin'), await aMember(keyhold, acme, 'user')];
    const { linkId } = await aSetupLink(keyhold, acme);
    const requests = [
      ['POST', '/aws-setup/links', { name: 'x' }],
      ['GET', '/aws-setup/links'],
      ['GET', `/aws-setup/links/${linkId}`],
      ['GET', '/aws-setup/proposals'],
      ['DELETE', `/aws-setup/links/${linkId}`],
    ] as const;
    for (const [method, path, body] of requests) {
      expect(await user.call(method, path, body)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
      expect((await admin.call(method, path, body)).status).toBeLessThan(300);
    }
    expect((await user.call('GET', '/aws-setup/cli')).status).toBe(200);
  });

  test('is another workspace’s as little as one that is not there', async () => {
    const { linkId, call } = await aSetupLink(keyhold, acme);
    const proposalId = (await call('POST', '/proposals', VALUES)).body.id as string;
    const absent = '00000000-0000-7000-8000-000000000000';
    const alike = async (method: string, path: (id: string) => string, own: string) =>
      new Set(await Promise.all([own, absent, 'no-id'].map(async (id) => told(await globex.call(method, path(id))))));
    expect([...(await alike('GET', (id) => `/aws-setup/links/${id}`, linkId))]).toEqual([expect.stringContaining('setup_link_not_found')]);
    expect([...(await alike('DELETE', (id) => `/aws-setup/links/${id}`, linkId))]).toEqual([
      expect.stringContaining('setup_link_not_found'),
    ]);
    expect([...(await alike('DELETE', (id) => `/aws-setup/proposals/${id}`, proposalId))]).toEqual([
      expect.stringContaining('setup_proposal_not_found'),
    ]);
    expect((await globex.call('GET', '/aws-setup/proposals')).text).not.toContain(proposalId);
    expect(await proposals()).toHaveLength(1);
  });

  test('leaves who did what in the trail, and its token nowhere', async () => {
    const { body } = await create();
    const token = new URL(body.url as string).hash.slice(1);
    const { id: linkId, expiresAt } = body.link as { id: string; expiresAt: string };
    const sent = await holder(body.url as string)('POST', '/proposals', VALUES);
    const proposalId = sent.body.id as string;
    await acme.call('DELETE', `/aws-setup/proposals/${proposalId}`);
    const last = await acme.call('DELETE', `/aws-setup/links/${linkId}`);
    expect(await events('aws_setup_link.created')).toMatchObject([
      { details: { linkId, name: 'AWS team', showsWorkspaceName: false, expiresAt }, principal: { kind: 'api_key' } },
    ]);
    expect(await events('aws_setup_proposal.received')).toMatchObject([
      { details: { proposalId, linkId, ...VALUES }, principal: { kind: 'setup_link', id: linkId, name: 'AWS team' } },
    ]);
    expect(await events('aws_setup_proposal.discarded')).toMatchObject([{ details: { proposalId, linkId, ...VALUES } }]);
    expect(await events('aws_setup_link.revoked')).toMatchObject([{ details: { linkId, before: 'active' } }]);
    await logged(keyhold, last.headers.get('x-request-id') ?? '');
    const secret = token.slice(-43);
    expect(keyhold.log()).not.toContain(secret);
    for (const table of ['setup_links', 'setup_proposals', 'audit_events']) {
      const rows = await keyhold.database.asAdmin<{ row: string }>(`SELECT t::text AS row FROM ${table} t`);
      expect(rows.map(({ row }) => row).join()).not.toContain(secret);
    }
    const list = await acme.call('GET', '/aws-setup/links');
    expect(list.text).not.toContain(secret);
    expect(list.body.data).toMatchObject([{ id: linkId, status: 'revoked', proposals: 0 }]);
  });

  test('written or stretched by who can write to the database lets nobody in, and changed values are shown as worth nothing', async () => {
    const link = await aSetupLink(keyhold, acme, { expiresAt: new Date(Date.now() - 1_000) });
    await keyhold.database.asAdmin(`UPDATE setup_links SET expires_at = now() + interval '1 day' WHERE link_id = $1`, [link.linkId]);
    expect(await link.call('GET', '')).toMatchObject({ status: 401 });
    const good = await aSetupLink(keyhold, acme);
    await good.call('POST', '/proposals', VALUES);
    await keyhold.database.asAdmin(
      `UPDATE setup_proposals SET role_arn = 'arn:aws:iam::111122223333:role/attacker' WHERE workspace_id = $1`,
      [acme.id],
    );
    expect(await proposals()).toMatchObject([{ awsKms: null }]);
  });

  test('uses up its own share of requests, and none of the workspace’s', async () => {
    const few = await keyhold.anotherNode({ KEYHOLD_REQUESTS_PER_SECOND: '1', KEYHOLD_REQUESTS_BURST: '20' });
    const [{ token }, other] = [await aSetupLink(keyhold, acme), await aSetupLink(keyhold, acme)];
    const flood = aClient(`${few.url}/v1/aws-setup`, token);
    const answers = await Promise.all(Array.from({ length: 40 }, () => flood('GET', '')));
    expect(answers.some(({ status }) => status === 429)).toBe(true);
    expect((await aClient(`${few.url}/v1/workspaces/${acme.id}`, acme.token)('GET', '/vaults')).status).toBe(200);
    expect((await aClient(`${few.url}/v1/aws-setup`, other.token)('GET', '')).status).toBe(200);
  });

  test('stops being looked up for who guesses', async () => {
    const strict = await keyhold.anotherNode({ KEYHOLD_TRIES_PER_ADDRESS: '10', KEYHOLD_TRUSTED_PROXY_HOPS: '1' });
    const { token } = await aSetupLink(keyhold, acme);
    const guess = (nth: number) => `${token.slice(0, -43)}${String(nth).padStart(43, 'x')}`;
    const from = { 'x-forwarded-for': '192.0.2.7' };
    const statuses: number[] = [];
    for (let nth = 0; nth < 14; nth += 1)
      statuses.push((await aClient(`${strict.url}/v1/aws-setup`, guess(nth))('GET', '', undefined, from)).status);
    expect(statuses.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 401));
    expect(statuses.slice(10)).toEqual([429, 429, 429, 429]);
  });

  test('comes in pages', async () => {
    for (let nth = 0; nth < 3; nth += 1) await (await aSetupLink(keyhold, acme)).call('POST', '/proposals', VALUES);
    for (const list of ['links', 'proposals']) {
      const first = await acme.call('GET', `/aws-setup/${list}?limit=2`);
      const second = await acme.call('GET', `/aws-setup/${list}?limit=2&cursor=${first.body.nextCursor as string}`);
      const ids = [...first.body.data, ...second.body.data].map(({ id }: { id: string }) => id);
      expect(new Set(ids).size).toBe(3);
      expect(ids).toEqual(ids.toSorted().toReversed());
      expect(second.body.nextCursor).toBeNull();
    }
  });

  test('is not needed for the files, and other files there are none', async () => {
    expect(Object.keys(SETUP_FILES)).toHaveLength(4);
    for (const name of ['cdk', 'constructor', '__proto__', 'CLI', 'cli.sh'])
      expect(await acme.call('GET', `/aws-setup/${name}`)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    const { text } = await acme.call('GET', '/aws-setup/cloudformation');
    expect(text).toContain(acme.id);
    expect(text).toContain(keyhold.platform.principalArn);
  });
});
