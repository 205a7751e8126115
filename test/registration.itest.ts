import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { KeyCheck } from '#key-strategies';
import { type Customer, aCustomer } from './harness/customer.js';
import type { Answer } from './harness/client.js';
import { eventsOfAnswer } from './harness/events.js';
import type { SandboxCall } from './harness/sandbox.js';
import { type Keyhold, type Workspace, startKeyhold } from './harness/service.js';
import { ACTIONS, BROKEN_SET_UPS, type BrokenSetUp, MAIN, REPLICA } from './registration/broken-set-ups.js';

jest.setTimeout(60_000); // a customer may have to wait for a new RSA key

let keyhold: Keyhold;
let acme: Workspace;
let model: Customer;

beforeAll(async () => {
  keyhold = await startKeyhold();
  acme = await keyhold.aWorkspace('Acme');
  model = await aCustomerOf(acme);
}, 90_000);
afterAll(() => keyhold.stop());

const aCustomerOf = (workspace: Workspace, order = {}): Promise<Customer> =>
  aCustomer(keyhold.sandbox, { externalId: workspace.id, principalArn: keyhold.platform.principalArn, ...order });

const register = (workspace: Workspace, name: string, target: object, more = {}): Promise<Answer> =>
  workspace.call('POST', '/vaults', { name, strategy: 'aws-kms', awsKms: target, ...more });

const setupOf = async ({ call }: Workspace, { accountId, keyId }: Customer): Promise<Record<string, object>> =>
  (await call('GET', `/aws-setup?accountId=${accountId}&keyId=${keyId}`)).body as Record<string, object>;

/** What was refused, as `check cause Region`. */
const told = (checks: readonly KeyCheck[]): string[] =>
  checks.filter(({ ok }) => !ok).map(({ check, cause, region }) => [check, cause, region].filter(Boolean).join(' '));

/** Everything that a registration could leave behind. */
async function stored(): Promise<unknown> {
  const { body } = await acme.call('GET', '/vaults');
  const [rows] = await keyhold.database.asAdmin(`SELECT
    (SELECT jsonb_agg(v ORDER BY v.vault_id) FROM vaults v) AS vaults,
    (SELECT jsonb_agg(k ORDER BY k.vault_key_id) FROM vault_keys k) AS vault_keys,
    (SELECT jsonb_agg(c ORDER BY c.key_hmac) FROM key_claims c) AS key_claims`);
  return { body, rows };
}

describe('the set-up that the service hands out', () => {
  test('has placeholders only for what it cannot know', async () => {
    const { body } = await acme.call('GET', '/aws-setup');
    expect(body).toMatchObject({
      principalArn: keyhold.platform.principalArn,
      externalId: acme.id,
      regions: { main: MAIN, replica: REPLICA },
      key: { keySpec: 'RSA_4096', keyUsage: 'ENCRYPT_DECRYPT', multiRegion: true },
    });
    expect([...new Set(JSON.stringify(body).match(/<[^>]*>/g))]).toEqual(['<ACCOUNT_ID>', '<KEY_ID>']);
  });

  test('names the real keys once it knows account and key, and nothing wider', async () => {
    const { accountId, keyId } = model;
    const { trustPolicy, permissionPolicy } = await setupOf(acme, model);
    expect(trustPolicy).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: keyhold.platform.principalArn },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'sts:ExternalId': acme.id } },
        },
      ],
    });
    expect(permissionPolicy).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'AllowKeyholdToUseKmsKey',
          Effect: 'Allow',
          Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:GetPublicKey', 'kms:DescribeKey'],
          Resource: [MAIN, REPLICA].map((region) => `arn:aws:kms:${region}:${accountId}:key/${keyId}`),
        },
      ],
    });
  });

  test('passes every check when a customer follows it to the letter', async () => {
    const account = await aCustomerOf(acme, { externalId: 'not yet known', permissionPolicy: null });
    const { trustPolicy = {}, permissionPolicy = {} } = await setupOf(acme, account);
    await account.putTrustPolicy(trustPolicy);
    await account.putPermissionPolicy(permissionPolicy);
    const created = await register(acme, 'To the letter', account.target);
    expect(created).toMatchObject({ status: 201, body: { report: { ok: true, health: 'healthy' }, vault: { keyHealth: 'healthy' } } });
    expect(told(created.body.report.checks as KeyCheck[])).toEqual([]);
  });

  test.each([
    ['an account that is none', 'accountId=1'],
    ['a key that is none', 'keyId=alias/x'],
    ['a Region', 'region=us-east-1'],
  ])('refuses %s', async (_what, query) => {
    expect(await acme.call('GET', `/aws-setup?${query}`)).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
  });
});

describe('a set-up that is as it should be', () => {
  test('is reported check by check, each with the request that the customer finds in CloudTrail', async () => {
    const customer = await aCustomerOf(acme);
    const created = await register(acme, 'Check by check', customer.target);
    expect(created.status).toBe(201);
    const checks = created.body.report.checks as KeyCheck[];
    expect(checks.map(({ check, region }) => [check, region].filter(Boolean).join(' '))).toEqual([
      'configuration',
      'external_id',
      'assume_role',
      'caller_account',
      ...[`describe_key ${MAIN}`, `describe_key ${REPLICA}`],
      ...[`public_key ${MAIN}`, `public_key ${REPLICA}`],
      ...[`encrypt ${MAIN}`, `decrypt ${REPLICA}`],
      ...[`encrypt ${REPLICA}`, `decrypt ${MAIN}`],
    ]);
    for (const { check, region, awsRequestId = '' } of checks.filter(({ region }) => region !== undefined)) {
      const [record] = await customer.trailOf(region ?? '', awsRequestId);
      expect([check, record?.awsRegion, record?.recipientAccountId]).toEqual([check, region, customer.accountId]);
    }
  });

  test('may have an RSA_3072 key, and is told that a larger one is better', async () => {
    const customer = await aCustomerOf(acme, { keySpec: 'RSA_3072' });
    const created = await register(acme, 'Smaller', customer.target);
    expect(created).toMatchObject({ status: 201, body: { report: { ok: true } } });
    const warned = (created.body.report.checks as KeyCheck[]).filter(({ cause }) => cause !== undefined);
    expect(warned).toMatchObject(
      [MAIN, REPLICA].map((region) => ({
        check: 'describe_key',
        ok: true,
        region,
        cause: 'key_spec_rsa_3072',
        remedy: expect.any(String),
      })),
    );
  });

  test('is one event, with every request to AWS that it took', async () => {
    const customer = await aCustomerOf(acme);
    const { result: created, calls: seen } = await keyhold.sandbox.control.callsDuring(() => register(acme, 'On record', customer.target));
    const events = await eventsOfAnswer(acme.call, created);
    expect(events.map(({ type }) => type)).toEqual(['vault.created']);
    const calls = events[0]?.calls ?? [];
    const asked = seen.filter(({ callerArn }) => !callerArn?.includes(':user/'));
    expect(new Set(calls.map(({ requestId }) => requestId))).toEqual(new Set(asked.map(({ requestId }) => requestId)));
    expect(calls).toHaveLength(asked.length);
  });
});

describe('a broken set-up', () => {
  test.each(BROKEN_SET_UPS.map((setUp) => [setUp.name, setUp] as const))('is refused: %s', async (_name, setUp) => {
    const before = await stored();
    const { answer, calls } = await registrationOf(setUp);
    expect(answer).toMatchObject({ status: 422, body: { code: 'vault_key_rejected' } });
    const failed = (answer.body.checks as KeyCheck[]).filter(({ ok }) => !ok);
    expect(told(failed)).toEqual(setUp.told);
    for (const check of failed) expectTraceable(check, calls);
    expect(await stored()).toEqual(before);
    expect(await eventsOfAnswer(acme.call, answer)).toMatchObject([
      { type: 'vault.key.validation_failed', vaultId: null, details: { failed } },
    ]);
  });

  test('is told apart from every other, wherever AWS does so', () => {
    const pairs = new Set(BROKEN_SET_UPS.map(({ fault, told: causes }) => `${fault}: ${causes.join(', ')}`));
    const faults = new Set(BROKEN_SET_UPS.map(({ fault }) => fault));
    const answers = new Set(BROKEN_SET_UPS.map(({ told: causes }) => causes.join(', ')));
    expect([pairs.size, answers.size]).toEqual([faults.size, faults.size]);
    expect(faults.size).toBeGreaterThan(25);
  });

  async function registrationOf({ order, spoil, type }: BrokenSetUp): Promise<{ answer: Answer; calls: SandboxCall[] }> {
    const customer = order ? await aCustomerOf(acme, order) : model;
    const { principalArn, accountId: platformAccountId } = keyhold.platform;
    await spoil?.(customer, { principalArn, platformAccountId, externalId: acme.id });
    try {
      const typed = { ...customer.target, ...type?.(customer) };
      const { result: answer, calls } = await keyhold.sandbox.control.callsDuring(() => register(acme, 'Broken', typed));
      return { answer, calls };
    } finally {
      if (customer === model && spoil) await repair(model);
    }
  }

  /** The role as the guide wants it. */
  async function repair(customer: Customer): Promise<void> {
    const { trustPolicy = {}, permissionPolicy = {} } = await setupOf(acme, customer);
    await customer.putTrustPolicy(trustPolicy);
    await customer.putPermissionPolicy(permissionPolicy);
  }

  /** The administrator learns what to do, and finds the request in question in the account's own trail. */
  function expectTraceable({ check, region, awsError, awsRequestId, remedy }: KeyCheck, calls: readonly SandboxCall[]): void {
    expect(remedy).toMatch(/^[A-Z].+\.$/);
    if (check === 'configuration') {
      expect(calls).toEqual([]);
      return;
    }
    const call = calls.find(({ requestId }) => requestId === awsRequestId);
    expect(call).toMatchObject({ ...(region && { region }), outcome: awsError ?? 'ok' });
  }
});

test('a remedy names the permission and the Region that it is about', async () => {
  await model.deletePermissionPolicy();
  const { body } = await register(acme, 'Broken', model.target);
  const { permissionPolicy = {} } = await setupOf(acme, model);
  await model.putPermissionPolicy(permissionPolicy);
  const failed = (body.checks as KeyCheck[]).filter(({ ok }) => !ok);
  expect(failed.map(({ region }) => region)).toEqual([MAIN, REPLICA]);
  for (const { remedy = '', region = '' } of failed) {
    for (const word of [`kms:${ACTIONS[0]}`, `arn:aws:kms:${region}:${model.accountId}:key/${model.keyId}`, model.roleArn]) {
      expect(remedy).toContain(word);
    }
  }
});

describe('a strategy’s configuration', () => {
  test.each([
    ['aws-kms without any', { strategy: 'aws-kms' }, 'config_invalid'],
    ['default with one', { strategy: 'default', awsKms: { accountId: '111122223333', keyId: 'x', roleArn: 'x' } }, 'config_not_expected'],
  ])('is refused: %s', async (_what, vault, cause) => {
    const answer = await acme.call('POST', '/vaults', { name: 'Unfit', ...vault });
    expect(answer).toMatchObject({
      status: 422,
      body: { code: 'vault_key_rejected', checks: [{ check: 'configuration', ok: false, cause }] },
    });
    expect(await eventsOfAnswer(acme.call, answer)).toMatchObject([{ type: 'vault.key.validation_failed' }]);
  });
});

describe('one key for two', () => {
  test('vaults of one workspace is accepted', async () => {
    const customer = await aCustomerOf(acme);
    for (const name of ['First of two', 'Second of two'])
      expect(await register(acme, name, customer.target)).toMatchObject({ status: 201 });
  });

  test('workspaces is refused, and the second one does not learn that the first exists', async () => {
    const [globex, initech] = await Promise.all([keyhold.aWorkspace('Globex'), keyhold.aWorkspace('Initech')]);
    const customer = await aCustomerOf(acme);
    expect(await register(acme, 'Taken', customer.target)).toMatchObject({ status: 201 });
    const answers = await Promise.all(
      [globex, initech].map(async (workspace) => {
        const { trustPolicy: trust = {}, permissionPolicy: permission = {} } = await setupOf(workspace, customer);
        const roleArn = await customer.addRole(`keyhold-${workspace.name}`, { trust, permission });
        const before = await stored();
        const answer = await register(workspace, 'Mine', { ...customer.target, roleArn });
        return { workspace, answer, isUnchanged: JSON.stringify(await stored()) === JSON.stringify(before) };
      }),
    );
    for (const { workspace, answer, isUnchanged } of answers) {
      expect(answer).toMatchObject({ status: 422, body: { code: 'vault_key_rejected' } });
      expect(told(answer.body.checks as KeyCheck[])).toEqual(['key_available key_not_available']);
      expect(answer.text).not.toContain(acme.id);
      expect(answer.text).not.toMatch(/acme|taken|already|exist|other workspace|somebody|in use/i);
      expect(isUnchanged).toBe(true);
      const events = await eventsOfAnswer(workspace.call, answer);
      expect(events.map(({ type }) => type)).toEqual(['vault.key.validation_failed']);
      expect(JSON.stringify(events)).not.toContain(acme.id);
    }
    expect(new Set(answers.map(({ answer }) => withoutIds(answer.text))).size).toBe(1);
  });

  test('workspaces is refused also to the first one’s own role, whose external ID is the first one’s', async () => {
    const globex = await keyhold.aWorkspace();
    const customer = await aCustomerOf(acme);
    const answer = await register(globex, 'Mine', customer.target);
    expect(told(answer.body.checks as KeyCheck[])).toEqual([`assume_role assume_role_refused ${MAIN}`]);
  });
});

const withoutIds = (text: string): string => text.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>');
