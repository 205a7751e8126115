import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { permissionPolicy, trustPolicy } from '#aws';
import type { Answer, Client } from './harness/client.js';
import type { Customer } from './harness/customer.js';
import type { SandboxCall } from './harness/sandbox.js';
import type { Keyhold, Workspace } from './harness/service.js';
import { type FilledVault, type TwoNodes, aFilledVault, readings, sealing, statusesOf, twoNodes, writings } from './harness/two-nodes.js';
import type { VaultOrder } from './harness/vault.js';

jest.setTimeout(60_000); // a customer may have to wait for a new RSA key

const MAIN = 'us-east-2';
const REPLICA = 'us-west-2';

let nodes: TwoNodes;
let keyhold: Keyhold;
let acme: Workspace;
let here: Client;
let there: Client;

beforeAll(async () => {
  nodes = await twoNodes();
  ({ keyhold, acme, here, there } = nodes);
}, 90_000);
afterEach(() => keyhold.sandbox.control.clearFaults());
afterAll(() => keyhold.stop());

/** Every seal needs a data key of its own, so that each asks KMS. */
const aVault = (order: VaultOrder = {}): Promise<FilledVault> => aFilledVault(nodes, { itemsPerDataKey: 1, ...order });

const vaultOf = async ({ vaultId }: FilledVault): Promise<Record<string, unknown>> =>
  (await here('GET', `/vaults/${vaultId}`)).body as Record<string, unknown>;

const kmsRegions = (calls: readonly SandboxCall[]): unknown[] =>
  calls.filter(({ service }) => service === 'kms').map(({ region }) => region);

async function heardBy(node: Client, { vaultId }: FilledVault): Promise<{ refusal: Answer; calls: SandboxCall[] }> {
  const { result: refusal, calls } = await keyhold.sandbox.control.callsDuring(() => sealing(node, vaultId));
  return { refusal, calls };
}

/** Nothing is sealed or opened on any node, and AWS is not asked about it. */
async function expectClosed(vault: FilledVault, code: string): Promise<void> {
  const attempts = () => Promise.all([here, there].flatMap((node) => [...readings(node, vault), ...writings(node, vault)]));
  const { result: answers, calls } = await keyhold.sandbox.control.callsDuring(attempts);
  expect(answers.map(({ status, body }) => [status, body.code as unknown])).toEqual(Array.from({ length: 12 }, () => [409, code]));
  for (const { text } of answers) expect(text).not.toMatch(/correct horse|elsewhere/);
  expect(calls).toEqual([]);
}

async function expectOpen(vault: FilledVault): Promise<void> {
  for (const node of [here, there]) {
    expect(await statusesOf(readings(node, vault))).toEqual([200, 200, 200]);
    expect((await sealing(node, vault.vaultId)).status).toBe(201);
  }
}

const verified = async (node: Client, { vaultId }: FilledVault): Promise<Record<string, unknown>> =>
  (await node('POST', `/vaults/${vaultId}/verify`)).body as Record<string, unknown>;

describe('a key that its owner disables in the main Region while the replica is enabled', () => {
  let vault: FilledVault;
  let refusal: Answer;
  let calls: SandboxCall[];

  beforeAll(async () => {
    vault = await aVault();
    await vault.customer.disableKey(MAIN);
    ({ refusal, calls } = await heardBy(here, vault));
  }, 60_000);

  test('is refused, and the replica is not asked', () => {
    expect(refusal).toMatchObject({
      status: 409,
      body: {
        code: 'vault_key_refused',
        cause: 'key_disabled',
        awsRegion: MAIN,
        awsError: 'DisabledException',
        remedy: expect.any(String),
      },
    });
    expect(kmsRegions(calls)).toEqual([MAIN]);
    const [call] = calls.filter(({ service }) => service === 'kms');
    expect(call).toMatchObject({ requestId: refusal.body.awsRequestId, operation: 'Encrypt', outcome: 'DisabledException' });
  });

  test('is refused on the vault, with cause, Region, AWS error and request id', async () => {
    expect(await vaultOf(vault)).toMatchObject({
      status: 'active',
      keyHealth: 'refused',
      keyHealthCause: 'key_disabled',
      keyHealthRegion: MAIN,
      keyHealthAwsError: 'DisabledException',
      keyHealthAwsRequestId: refusal.body.awsRequestId,
    });
  });

  test('stops all nodes at once, whatever they have open, and nobody asks AWS again', () => expectClosed(vault, 'vault_key_refused'));

  test('is on record: the change of health, and each refused attempt', async () => {
    const { body } = await here('GET', `/audit-events?vaultId=${vault.vaultId}&limit=100`);
    const events = body.data as { type: string; details: Record<string, unknown>; calls: { requestId?: string }[] }[];
    const [change, ...others] = events.filter(({ type }) => type === 'vault.key.health_changed');
    expect(others).toEqual([]);
    expect(change).toMatchObject({
      details: { before: 'healthy', after: 'refused', cause: 'key_disabled', region: MAIN },
      calls: [expect.objectContaining({ requestId: refusal.body.awsRequestId, outcome: 'refused' })],
    });
    const refused = events.filter(({ type }) => type.includes('refused'));
    expect(new Set(refused.map(({ type }) => type))).toEqual(
      new Set(['item.unseal.refused', 'item.export_refused', 'data.unseal.refused']),
    );
    for (const { details } of refused) expect(details).toMatchObject({ code: 'refused', cause: 'key_disabled' });
  });

  test('stays refused when the main Region cannot be reached any more, also after a check', async () => {
    const before = await vaultOf(vault);
    const lift = await keyhold.sandbox.control.fault({ region: MAIN, service: 'kms', fault: { kind: 'reset' } });
    await expectClosed(vault, 'vault_key_refused');
    expect(await verified(there, vault)).toMatchObject({ ok: false, health: 'refused' });
    expect(await vaultOf(vault)).toEqual(before);
    await expectClosed(vault, 'vault_key_refused');
    await lift();
  });

  test('stays refused while a check finds it disabled', async () => {
    const report = await verified(here, vault);
    expect(report).toMatchObject({ ok: false, health: 'refused' });
    expect(await vaultOf(vault)).toMatchObject({ keyHealth: 'refused', keyHealthCause: 'key_disabled', keyHealthRegion: MAIN });
    await expectClosed(vault, 'vault_key_refused');
  });

  test('serves again on all nodes once it is enabled and was checked', async () => {
    await vault.customer.enableKey(MAIN);
    await expectClosed(vault, 'vault_key_refused');
    expect(await verified(there, vault)).toMatchObject({ ok: true, health: 'healthy' });
    expect(await vaultOf(vault)).toMatchObject({ keyHealth: 'healthy', keyHealthCause: null, keyHealthAwsRequestId: null });
    await expectOpen(vault);
  });
});

interface Revocation {
  revoke: (customer: Customer) => Promise<unknown>;
  restore: (customer: Customer) => Promise<unknown>;
  cause: string;
  awsError: string;
  health?: string;
  code?: string;
}

const guided = ({ keyArns }: Customer) => ({
  trust: trustPolicy({ principalArn: keyhold.platform.principalArn, externalId: acme.id }),
  permission: permissionPolicy({ keyArns: [keyArns.main, keyArns.replica] }),
});

const REVOCATIONS: Record<string, Revocation> = {
  'takes away the permission': {
    revoke: (customer) => customer.deletePermissionPolicy(),
    restore: (customer) => customer.putPermissionPolicy(guided(customer).permission),
    cause: 'encrypt_not_allowed',
    awsError: 'AccessDeniedException',
  },
  'denies it in the key policy': {
    revoke: (customer) => customer.putKeyPolicy(MAIN, keyPolicyOf(customer, { Effect: 'Deny', Action: 'kms:Encrypt' })),
    restore: (customer) => customer.putKeyPolicy(MAIN, keyPolicyOf(customer)),
    cause: 'explicit_deny',
    awsError: 'AccessDeniedException',
  },
  'deletes the role': {
    revoke: (customer) => customer.deleteRole(),
    restore: (customer) => customer.addRole(customer.roleName, guided(customer)),
    cause: 'assume_role_refused',
    awsError: 'AccessDenied',
  },
  'schedules the deletion of the key': {
    revoke: (customer) => customer.scheduleKeyDeletion(MAIN),
    restore: async (customer) => {
      await customer.cancelKeyDeletion(MAIN);
      await customer.enableKey(MAIN);
    },
    cause: 'key_pending_deletion',
    awsError: 'KMSInvalidStateException',
    health: 'pending_deletion',
    code: 'vault_key_pending_deletion',
  },
};

function keyPolicyOf({ accountId, roleArn }: Customer, ...more: object[]): object {
  const account = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Action: 'kms:*', Resource: '*' };
  return {
    Version: '2012-10-17',
    Statement: [account, ...more.map((statement) => ({ ...statement, Principal: { AWS: roleArn }, Resource: '*' }))],
  };
}

describe.each(Object.entries(REVOCATIONS))('a customer that %s', (_what, revocation) => {
  const { revoke, restore, cause, awsError, health = 'refused', code = 'vault_key_refused' } = revocation;
  let vault: FilledVault;

  beforeAll(async () => {
    vault = await aVault();
    await revoke(vault.customer);
  }, 60_000);

  test('is obeyed by all nodes from the first refusal on', async () => {
    const { refusal, calls } = await heardBy(here, vault);
    expect(refusal).toMatchObject({ status: 409, body: { code, cause, awsError, awsRegion: MAIN } });
    expect(kmsRegions(calls)).not.toContain(REPLICA);
    expect(calls.find(({ requestId }) => requestId === refusal.body.awsRequestId)).toMatchObject({ outcome: awsError });
    expect(await vaultOf(vault)).toMatchObject({ keyHealth: health, keyHealthCause: cause, keyHealthAwsError: awsError });
    await expectClosed(vault, code);
  });

  test('is served again by all nodes after a change of mind and a check on another one', async () => {
    await restore(vault.customer);
    expect(await verified(there, vault)).toMatchObject({ ok: true, health: 'healthy' });
    await expectOpen(vault);
  });
});

test('a customer that stops trusting us is obeyed as soon as a check finds out, whatever session is still good', async () => {
  const vault = await aVault();
  await vault.customer.putTrustPolicy(trustPolicy({ principalArn: vault.customer.roleArn, externalId: acme.id }));
  expect(await verified(there, vault)).toMatchObject({ ok: false, health: 'refused' });
  await expectClosed(vault, 'vault_key_refused');
  await vault.customer.putTrustPolicy(guided(vault.customer).trust);
  expect(await verified(here, vault)).toMatchObject({ ok: true, health: 'healthy' });
  await expectOpen(vault);
});

test('a role that comes to accept any external ID is a refusal found by the next check', async () => {
  const vault = await aVault();
  const trust = guided(vault.customer).trust;
  const [statement] = trust.Statement;
  await vault.customer.putTrustPolicy({ ...trust, Statement: [{ ...statement, Condition: { StringLike: { 'sts:ExternalId': '*' } } }] });
  expect(await verified(here, vault)).toMatchObject({ ok: false, health: 'refused' });
  expect(await vaultOf(vault)).toMatchObject({ keyHealthCause: 'external_id_any_accepted' });
  await expectClosed(vault, 'vault_key_refused');
});

test('a replica that is disabled is refused by a check: it is the owner who decides, in either Region', async () => {
  const vault = await aVault();
  await vault.customer.disableKey(REPLICA);
  expect(await verified(here, vault)).toMatchObject({ ok: false, health: 'refused' });
  expect(await vaultOf(vault)).toMatchObject({ keyHealthCause: 'key_disabled', keyHealthRegion: REPLICA });
  await expectClosed(vault, 'vault_key_refused');
});

test('a refusal that comes in while a check is under way is not overruled by it', async () => {
  const vault = await aVault({ dataKeyCacheSeconds: 0 });
  const { control } = keyhold.sandbox;
  const lift = await control.fault({ service: 'kms', region: MAIN, fault: { kind: 'reset' } });
  expect(await verified(here, vault)).toMatchObject({ health: 'degraded' });
  await lift();
  const lastCallOfCheck = { service: 'kms', region: MAIN, operation: 'Decrypt' } as const;
  await control.fault({ ...lastCallOfCheck, times: 1, when: 'after', fault: { kind: 'latency', ms: 1_000 } });
  const { lastSeq } = await control.ledger();
  const check = verified(here, vault);
  const isUnderWay = async () =>
    (await control.ledger(lastSeq)).calls.some(({ region, operation }) => region === MAIN && operation === 'Decrypt');
  while (!(await isUnderWay()));
  await vault.customer.disableKey(MAIN);
  expect(await there('POST', `/items/${vault.itemId}/unseal`)).toMatchObject({ status: 409, body: { code: 'vault_key_refused' } });
  expect(await check).toMatchObject({ health: 'refused' });
  await expectClosed(vault, 'vault_key_refused');
});
