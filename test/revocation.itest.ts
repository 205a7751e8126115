import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { permissionPolicy, trustPolicy } from '#aws';
import { type Answer, type Client, aClient } from './harness/client.js';
import type { Customer } from './harness/customer.js';
import type { SandboxCall } from './harness/sandbox.js';
import { type Keyhold, type Workspace, startKeyhold } from './harness/service.js';
import { type VaultOrder, anAwsKmsVault } from './harness/vault.js';

jest.setTimeout(60_000); // a customer may have to wait for a new RSA key

const MAIN = 'us-east-2';
const REPLICA = 'us-west-2';

let keyhold: Keyhold;
let acme: Workspace;
/** The workspace's owner at the one node and at another. */
let here: Client;
let there: Client;

beforeAll(async () => {
  keyhold = await startKeyhold();
  acme = await keyhold.aWorkspace('Acme');
  const other = await keyhold.anotherNode();
  here = acme.call;
  there = aClient(`${other.url}/v1/workspaces/${acme.id}`, acme.token);
}, 90_000);
afterAll(() => keyhold.stop());

interface Story {
  vaultId: string;
  customer: Customer;
  itemId: string;
  /** Sealed for a caller that keeps it. */
  token: { context: string; sealed: string };
}

/** A vault with something in it that both nodes have open. Every seal needs a data key of its own, so that each asks KMS. */
async function aStory(order: VaultOrder = {}): Promise<Story> {
  const name = `Vault ${Math.random()}`;
  const { vaultId, customer } = await anAwsKmsVault(keyhold, acme, { name, itemsPerDataKey: 1, ...order });
  const created = await sealing(here, vaultId);
  const sealed = await here('POST', '/seal', { vaultId, context: 'c', payload: { kept: 'elsewhere' } });
  expect([created.status, sealed.status]).toEqual([201, 200]);
  expect((await sealing(there, vaultId)).status).toBe(201);
  const story = { vaultId, customer, itemId: created.body.id as string, token: { context: 'c', sealed: sealed.body.sealed as string } };
  for (const node of [here, there]) expect(await statusesOf(readings(node, story))).toEqual([200, 200, 200]);
  return story;
}

const sealing = (node: Client, vaultId: string): Promise<Answer> =>
  node('POST', '/items', { kind: 'secret', name: 'Robot', vaultId, payload: { password: 'correct horse' } });

const readings = (node: Client, { itemId, token }: Story): Promise<Answer>[] => [
  node('POST', `/items/${itemId}/unseal`),
  node('GET', `/items/${itemId}/export`),
  node('POST', '/unseal', token),
];

const writings = (node: Client, { vaultId, itemId }: Story): Promise<Answer>[] => [
  sealing(node, vaultId),
  node('PUT', `/items/${itemId}`, { payload: { password: 'new' } }),
  node('POST', '/seal', { vaultId, context: 'c', payload: {} }),
];

const statusesOf = async (answers: Promise<Answer>[]): Promise<number[]> => (await Promise.all(answers)).map(({ status }) => status);

const vaultOf = async ({ vaultId }: Story): Promise<Record<string, unknown>> =>
  (await here('GET', `/vaults/${vaultId}`)).body as Record<string, unknown>;

const seen = async (work: () => Promise<unknown>): Promise<SandboxCall[]> => (await keyhold.sandbox.control.callsDuring(work)).calls;

const kmsRegions = (calls: readonly SandboxCall[]): unknown[] =>
  calls.filter(({ service }) => service === 'kms').map(({ region }) => region);

async function heardBy(node: Client, { vaultId }: Story): Promise<{ refusal: Answer; calls: SandboxCall[] }> {
  const { result: refusal, calls } = await keyhold.sandbox.control.callsDuring(() => sealing(node, vaultId));
  return { refusal, calls };
}

/** Nothing is sealed or opened on any node, and AWS is not asked about it. */
async function expectClosed(story: Story, code: string): Promise<void> {
  const attempts = () => Promise.all([here, there].flatMap((node) => [...readings(node, story), ...writings(node, story)]));
  const { result: answers, calls } = await keyhold.sandbox.control.callsDuring(attempts);
  expect(answers.map(({ status, body }) => [status, body.code as unknown])).toEqual(Array.from({ length: 12 }, () => [409, code]));
  for (const { text } of answers) expect(text).not.toMatch(/correct horse|elsewhere/);
  expect(calls).toEqual([]);
}

async function expectOpen(story: Story): Promise<void> {
  for (const node of [here, there]) {
    expect(await statusesOf(readings(node, story))).toEqual([200, 200, 200]);
    expect((await sealing(node, story.vaultId)).status).toBe(201);
  }
}

const verified = async (node: Client, { vaultId }: Story): Promise<Record<string, unknown>> =>
  (await node('POST', `/vaults/${vaultId}/verify`)).body as Record<string, unknown>;

describe('a key that its owner disables in the main Region while the replica is enabled', () => {
  let story: Story;
  let refusal: Answer;
  let calls: SandboxCall[];

  beforeAll(async () => {
    story = await aStory();
    await story.customer.disableKey(MAIN);
    ({ refusal, calls } = await heardBy(here, story));
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
    expect(await vaultOf(story)).toMatchObject({
      status: 'active',
      keyHealth: 'refused',
      keyHealthCause: 'key_disabled',
      keyHealthRegion: MAIN,
      keyHealthAwsError: 'DisabledException',
      keyHealthAwsRequestId: refusal.body.awsRequestId,
    });
  });

  test('stops all nodes at once, whatever they have open, and nobody asks AWS again', () => expectClosed(story, 'vault_key_refused'));

  test('is on record: the change of health, and each refused attempt', async () => {
    const { body } = await here('GET', `/audit-events?vaultId=${story.vaultId}&limit=100`);
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
    const before = await vaultOf(story);
    const lift = await keyhold.sandbox.control.fault({ region: MAIN, service: 'kms', fault: { kind: 'reset' } });
    await expectClosed(story, 'vault_key_refused');
    expect(await verified(there, story)).toMatchObject({ ok: false, health: 'refused' });
    expect(await vaultOf(story)).toEqual(before);
    await expectClosed(story, 'vault_key_refused');
    await lift();
  });

  test('stays refused while a check finds it disabled', async () => {
    const report = await verified(here, story);
    expect(report).toMatchObject({ ok: false, health: 'refused' });
    expect(await vaultOf(story)).toMatchObject({ keyHealth: 'refused', keyHealthCause: 'key_disabled', keyHealthRegion: MAIN });
    await expectClosed(story, 'vault_key_refused');
  });

  test('serves again on all nodes once it is enabled and was checked', async () => {
    await story.customer.enableKey(MAIN);
    await expectClosed(story, 'vault_key_refused');
    expect(await verified(there, story)).toMatchObject({ ok: true, health: 'healthy' });
    expect(await vaultOf(story)).toMatchObject({ keyHealth: 'healthy', keyHealthCause: null, keyHealthAwsRequestId: null });
    await expectOpen(story);
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
  let story: Story;

  beforeAll(async () => {
    story = await aStory();
    await revoke(story.customer);
  }, 60_000);

  test('is obeyed by all nodes from the first refusal on', async () => {
    const { refusal, calls } = await heardBy(here, story);
    expect(refusal).toMatchObject({ status: 409, body: { code, cause, awsError, awsRegion: MAIN } });
    expect(kmsRegions(calls)).not.toContain(REPLICA);
    expect(calls.find(({ requestId }) => requestId === refusal.body.awsRequestId)).toMatchObject({ outcome: awsError });
    expect(await vaultOf(story)).toMatchObject({ keyHealth: health, keyHealthCause: cause, keyHealthAwsError: awsError });
    await expectClosed(story, code);
  });

  test('is served again by all nodes after a change of mind and a check on another one', async () => {
    await restore(story.customer);
    expect(await verified(there, story)).toMatchObject({ ok: true, health: 'healthy' });
    await expectOpen(story);
  });
});

test('a customer that stops trusting us is obeyed as soon as a check finds out, whatever session is still good', async () => {
  const story = await aStory();
  await story.customer.putTrustPolicy(trustPolicy({ principalArn: story.customer.roleArn, externalId: acme.id }));
  expect(await verified(there, story)).toMatchObject({ ok: false, health: 'refused' });
  await expectClosed(story, 'vault_key_refused');
  await story.customer.putTrustPolicy(guided(story.customer).trust);
  expect(await verified(here, story)).toMatchObject({ ok: true, health: 'healthy' });
  await expectOpen(story);
});

test('a role that comes to accept any external ID is a refusal found by the next check', async () => {
  const story = await aStory();
  const trust = guided(story.customer).trust;
  const [statement] = trust.Statement;
  await story.customer.putTrustPolicy({ ...trust, Statement: [{ ...statement, Condition: { StringLike: { 'sts:ExternalId': '*' } } }] });
  expect(await verified(here, story)).toMatchObject({ ok: false, health: 'refused' });
  expect(await vaultOf(story)).toMatchObject({ keyHealthCause: 'external_id_any_accepted' });
  await expectClosed(story, 'vault_key_refused');
});

test('a replica that is disabled is refused by a check: it is the owner who decides, in either Region', async () => {
  const story = await aStory();
  await story.customer.disableKey(REPLICA);
  expect(await verified(here, story)).toMatchObject({ ok: false, health: 'refused' });
  expect(await vaultOf(story)).toMatchObject({ keyHealthCause: 'key_disabled', keyHealthRegion: REPLICA });
  await expectClosed(story, 'vault_key_refused');
});

test('a refusal that comes in while a check is under way is not overruled by it', async () => {
  const story = await aStory({ dataKeyCacheSeconds: 0 });
  const { control } = keyhold.sandbox;
  const lastCallOfCheck = { service: 'kms', region: MAIN, operation: 'Decrypt' } as const;
  await control.fault({ ...lastCallOfCheck, times: 1, when: 'after', fault: { kind: 'latency', ms: 1_000 } });
  const { lastSeq } = await control.ledger();
  const check = verified(here, story);
  const isUnderWay = async () =>
    (await control.ledger(lastSeq)).calls.some(({ region, operation }) => region === MAIN && operation === 'Decrypt');
  while (!(await isUnderWay()));
  await story.customer.disableKey(MAIN);
  expect(await there('POST', `/items/${story.itemId}/unseal`)).toMatchObject({ status: 409, body: { code: 'vault_key_refused' } });
  expect(await check).toMatchObject({ health: 'refused' });
  await expectClosed(story, 'vault_key_refused');
});

describe('how often KMS is asked', () => {
  const unsealing = (node: Client, { itemId }: Story) => node('POST', `/items/${itemId}/unseal`);
  const aColdNode = async (): Promise<Client> => {
    const { url } = await keyhold.anotherNode();
    return aClient(`${url}/v1/workspaces/${acme.id}`, acme.token);
  };
  const kmsCalls = async (work: () => Promise<unknown>): Promise<(string | undefined)[]> =>
    (await seen(work)).filter(({ service }) => service === 'kms').map(({ operation }) => operation);

  test('once for the first unseal after a cold cache, and not again within the cache’s age', async () => {
    const story = await aStory();
    const cold = await aColdNode();
    expect(await kmsCalls(() => unsealing(cold, story))).toEqual(['Decrypt']);
    expect(await seen(() => Promise.all(Array.from({ length: 20 }, () => unsealing(cold, story))))).toEqual([]);
  });

  test('once for twenty that come at the same time to a cold cache', async () => {
    const story = await aStory();
    const cold = await aColdNode();
    const twenty = () => statusesOf(Array.from({ length: 20 }, () => unsealing(cold, story)));
    const { result: statuses, calls } = await keyhold.sandbox.control.callsDuring(twenty);
    expect(calls.filter(({ service }) => service === 'kms').map(({ operation }) => operation)).toEqual(['Decrypt']);
    expect(statuses).toEqual(Array.from({ length: 20 }, () => 200));
  });

  test('at every unseal when dataKeyCacheSeconds is 0, so that none that starts after the first refusal succeeds', async () => {
    const story = await aStory({ dataKeyCacheSeconds: 0 });
    for (const node of [here, there, here]) expect(await kmsCalls(() => unsealing(node, story))).toEqual(['Decrypt']);
    await story.customer.disableKey(MAIN);
    expect(await kmsCalls(async () => expect(await unsealing(there, story)).toMatchObject({ status: 409 }))).toEqual(['Decrypt']);
    await expectClosed(story, 'vault_key_refused');
  });

  test('at every unseal as soon as dataKeyCacheSeconds becomes 0, on every node', async () => {
    const story = await aStory();
    expect(await seen(() => unsealing(there, story))).toEqual([]);
    expect(await here('PATCH', `/vaults/${story.vaultId}`, { dataKeyCacheSeconds: 0 })).toMatchObject({ status: 200 });
    for (const node of [here, there]) expect(await kmsCalls(() => unsealing(node, story))).toEqual(['Decrypt']);
  });
});

describe('how much one data key protects', () => {
  const versionsPerKey = async ({ vaultId }: Story): Promise<number[]> => {
    const rows = await keyhold.database.asAdmin<{ versions: number }>(
      `SELECT count(i.item_id)::int AS versions FROM data_keys d
        LEFT JOIN item_versions i ON i.workspace_id = d.workspace_id AND i.data_key_id = d.data_key_id
        WHERE d.vault_id = $1 GROUP BY d.data_key_id ORDER BY d.data_key_id`,
      [vaultId],
    );
    return rows.map(({ versions }) => versions);
  };

  test('at most itemsPerDataKey versions, however many are sealed at once and on how many nodes', async () => {
    const story = await aStory({ itemsPerDataKey: 5 });
    const seals = Array.from({ length: 40 }, (_, at) => sealing(at % 2 ? here : there, story.vaultId));
    expect(new Set(await statusesOf(seals))).toEqual(new Set([201]));
    const perKey = await versionsPerKey(story);
    expect(Math.max(...perKey)).toBeLessThanOrEqual(5);
    expect(perKey.reduce((sum, versions) => sum + versions)).toBe(42);
    expect(perKey.length).toBeLessThanOrEqual(10);
  });

  test('one version and no more when itemsPerDataKey is 1: each seal is one line in the customer’s trail', async () => {
    const story = await aStory({ itemsPerDataKey: 1 });
    const calls = await seen(() => Promise.all(Array.from({ length: 6 }, () => sealing(here, story.vaultId))));
    expect(calls.filter(({ operation }) => operation === 'Encrypt')).toHaveLength(6);
    expect(Math.max(...(await versionsPerKey(story)))).toBe(1);
  });

  test('no more than a smaller itemsPerDataKey allows from then on', async () => {
    const story = await aStory({ itemsPerDataKey: 1_000 });
    for (let seal = 0; seal < 3; seal += 1) await sealing(here, story.vaultId);
    expect(await versionsPerKey(story)).toEqual([4, 1]);
    await here('PATCH', `/vaults/${story.vaultId}`, { itemsPerDataKey: 2 });
    for (let seal = 0; seal < 3; seal += 1) await sealing(here, story.vaultId);
    expect(await versionsPerKey(story)).toEqual([4, 1, 2, 1]);
  });
});
