import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { permissionPolicy, trustPolicy } from '#aws';
import type { Client } from './harness/client.js';
import { type Customer, REGIONS } from './harness/customer.js';
import { type Load, type Try, aLoad } from './harness/load.js';
import type { SandboxCall } from './harness/sandbox.js';
import { type FilledVault, type TwoNodes, aFilledVault, twoNodes, unsealing } from './harness/two-nodes.js';

jest.setTimeout(120_000);

const { main: MAIN, replica: REPLICA } = REGIONS;
/** After the cut-off is known everywhere, each node is asked so often more. */
const AFTERWARDS = 10;

let world: TwoNodes;
let nodes: Client[];
/** Of all cases, for the figures. */
const unsealsAfterRefusal: Try[] = [];
let sealedAfterDisableMs = 0;

interface Withdrawal {
  withdraw: (customer: Customer) => Promise<unknown>;
  /** By a check of the key, which the withdrawal leaves no other way to find: sessions that AWS has issued go on. */
  isFoundByCheck?: true;
  code?: string;
}

const WITHDRAWALS: Record<string, Withdrawal> = {
  'disables the key in one Region': { withdraw: (customer) => customer.disableKey(MAIN) },
  'denies it in the key policy': { withdraw: (customer) => customer.putKeyPolicy(MAIN, policyThatDenies(customer)) },
  'takes away the permission of the role': { withdraw: (customer) => customer.deletePermissionPolicy() },
  'deletes the role': { withdraw: (customer) => customer.deleteRole() },
  'schedules the deletion of the key': { withdraw: (customer) => customer.scheduleKeyDeletion(MAIN), code: 'vault_key_pending_deletion' },
  'changes the external ID': {
    withdraw: (customer) =>
      customer.putTrustPolicy(
        trustPolicy({ principalArn: world.keyhold.platform.principalArn, externalId: '0197a000-0000-7000-8000-000000000001' }),
      ),
    isFoundByCheck: true,
  },
};

function policyThatDenies({ accountId, roleArn }: Customer): object {
  const account = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Action: 'kms:*', Resource: '*' };
  const deny = { Effect: 'Deny', Principal: { AWS: roleArn }, Action: ['kms:Encrypt', 'kms:Decrypt'], Resource: '*' };
  return { Version: '2012-10-17', Statement: [account, deny] };
}

beforeAll(async () => {
  world = await twoNodes();
  nodes = [world.here, world.there, await world.aColdNode()];
}, 90_000);
afterAll(async () => {
  console.log(`figure: unseals-after-refusal = ${unsealsAfterRefusal.length}`);
  console.log(`figure: sealed-after-disable-seconds = ${(sealedAfterDisableMs / 1_000).toFixed(1)}`);
  await world.keyhold.stop();
});

const isRefused = ({ code }: Try): boolean => code === 'vault_key_refused' || code === 'vault_key_pending_deletion';
const succeeded = ({ status }: Try): boolean => status < 300;
const hasDone = (tries: readonly Try[], node: number, what: string): boolean =>
  tries.some((one) => one.node === node && one.what === what && succeeded(one));
const refusedOn = (tries: readonly Try[], node: number): number => tries.filter((one) => one.node === node && isRefused(one)).length;

/** What a withdrawal under load looked like: from both ends. */
interface Story {
  tries: readonly Try[];
  /** When the customer had AWS's word for it. */
  withdrawnAt: number;
  /** When the first refusal was answered to anybody. */
  refusedAt: number;
  calls: readonly SandboxCall[];
}

async function story(cacheSeconds: number, { withdraw, isFoundByCheck }: Withdrawal, pauseMs: number): Promise<Story> {
  const vault = await aFilledVault(world, { dataKeyCacheSeconds: cacheSeconds });
  for (const node of nodes) expect((await unsealing(node, vault)).status).toBe(200);
  const load = aLoad(nodes, vault, pauseMs);
  await load.until((tries) => nodes.every((_, node) => ['unseal', 'seal'].every((what) => hasDone(tries, node, what))));
  const { lastSeq } = await world.keyhold.sandbox.control.ledger();
  await withdraw(vault.customer);
  const withdrawnAt = performance.now();
  const checkedAt = isFoundByCheck && (await check(vault));
  await refusedEverywhere(load);
  await load.stop();
  const calls = (await world.keyhold.sandbox.control.ledger(lastSeq)).calls.filter(({ keyId }) => keyId === vault.customer.keyId);
  const refusals = load.tries.filter(isRefused).map(({ endedAt }) => endedAt);
  return { tries: load.tries, withdrawnAt, refusedAt: Math.min(...refusals, checkedAt ?? Infinity), calls };
}

async function check({ vaultId }: FilledVault): Promise<number> {
  expect(await world.there('POST', `/vaults/${vaultId}/verify`)).toMatchObject({ body: { ok: false, health: 'refused' } });
  return performance.now();
}

/** And so often more that one that got through would show. */
const refusedEverywhere = (load: Load): Promise<void> =>
  load.until((tries) => nodes.every((_, node) => refusedOn(tries, node) >= AFTERWARDS));

function expectCutOff({ tries, withdrawnAt, refusedAt, calls }: Story, code: string): void {
  const after = tries.filter((one) => one.startedAt > refusedAt && succeeded(one));
  unsealsAfterRefusal.push(...after.filter(({ what }) => what === 'unseal'));
  const sealed = tries.filter((one) => one.what === 'seal' && succeeded(one)).map(({ startedAt }) => startedAt - withdrawnAt);
  sealedAfterDisableMs = Math.max(sealedAfterDisableMs, ...sealed);
  expect(after).toEqual([]);
  expect(sealed.filter((ms) => ms > 60_000)).toEqual([]);
  expect(new Set(tries.filter((one) => !succeeded(one)).map((one) => one.code))).toEqual(new Set([code]));
  for (const [node] of nodes.entries()) expect(refusedOn(tries, node)).toBeGreaterThanOrEqual(AFTERWARDS);
  const cryptographic = calls.filter(({ operation, region }) => region === REPLICA && (operation === 'Decrypt' || operation === 'Encrypt'));
  expect(cryptographic.filter(({ callerArn }) => !callerArn?.includes('.probe'))).toEqual([]);
}

const succeededLaterThan = ({ tries, withdrawnAt }: Story, seconds: number): Try[] =>
  tries.filter((one) => succeeded(one) && one.startedAt > withdrawnAt + seconds * 1_000);

describe.each(Object.entries(WITHDRAWALS))('a customer that %s, with three nodes at work', (_what, withdrawal) => {
  const { code = 'vault_key_refused', isFoundByCheck } = withdrawal;

  test('cuts off every node from the first refusal on, when nothing is cached', async () => {
    const told = await story(0, withdrawal, 5);
    expectCutOff(told, code);
    if (!isFoundByCheck) expect(succeededLaterThan(told, 0)).toEqual([]);
  });

  test('cuts off every node as soon as the cache has run out, and from the first refusal on', async () => {
    const told = await story(2, withdrawal, 20);
    expectCutOff(told, code);
    if (!isFoundByCheck) expect(succeededLaterThan(told, 2)).toEqual([]);
  });
});

describe('a customer that disables the key, in real time', () => {
  const disables: Withdrawal = { withdraw: (customer) => customer.disableKey(MAIN) };
  let usual: Story;
  let longest: Story;
  beforeAll(async () => {
    [usual, longest] = await Promise.all([story(60, disables, 250), story(300, disables, 250)]);
  }, 150_000);

  test('has nothing unsealed or sealed 61 seconds later, with a cache of 60 seconds', () => {
    expectCutOff(usual, 'vault_key_refused');
    expect(succeededLaterThan(usual, 61)).toEqual([]);
  });

  test('has nothing sealed 60 seconds later with the longest cache either, and what ends sealing ends unsealing', () => {
    expectCutOff(longest, 'vault_key_refused');
    expect(longest.tries.some((one) => one.what === 'seal' && succeeded(one) && one.startedAt > longest.withdrawnAt)).toBe(true);
  });
});

test('a customer that takes its permission back is served again by every node once a check has found it', async () => {
  const vault = await aFilledVault(world);
  await vault.customer.deletePermissionPolicy();
  await check(vault);
  for (const node of nodes) expect((await unsealing(node, vault)).status).toBe(409);
  const { main, replica } = vault.customer.keyArns;
  await vault.customer.putPermissionPolicy(permissionPolicy({ keyArns: [main, replica] }));
  expect(await world.here('POST', `/vaults/${vault.vaultId}/verify`)).toMatchObject({ body: { ok: true, health: 'healthy' } });
  for (const node of nodes) expect((await unsealing(node, vault)).status).toBe(200);
});
