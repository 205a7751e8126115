import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Client } from './harness/client.js';
import type { SandboxCall } from './harness/sandbox.js';
import type { Keyhold } from './harness/service.js';
import { type FilledVault, type TwoNodes, aFilledVault, sealing, statusesOf, twoNodes, unsealing } from './harness/two-nodes.js';
import type { VaultOrder } from './harness/vault.js';

jest.setTimeout(60_000); // a customer may have to wait for a new RSA key

let nodes: TwoNodes;
let keyhold: Keyhold;
let here: Client;
let there: Client;

beforeAll(async () => {
  nodes = await twoNodes();
  ({ keyhold, here, there } = nodes);
}, 90_000);
afterAll(() => keyhold.stop());

const aVault = (order: VaultOrder = {}): Promise<FilledVault> => aFilledVault(nodes, order);

const seen = async (work: () => Promise<unknown>): Promise<SandboxCall[]> => (await keyhold.sandbox.control.callsDuring(work)).calls;

describe('how often KMS is asked', () => {
  const kmsCalls = async (work: () => Promise<unknown>): Promise<(string | undefined)[]> =>
    (await seen(work)).filter(({ service }) => service === 'kms').map(({ operation }) => operation);

  test('once for the first unseal after a cold cache, and not again within the cache’s age', async () => {
    const vault = await aVault();
    const cold = await nodes.aColdNode();
    expect(await kmsCalls(() => unsealing(cold, vault))).toEqual(['Decrypt']);
    expect(await seen(() => Promise.all(Array.from({ length: 20 }, () => unsealing(cold, vault))))).toEqual([]);
  });

  test('once for twenty that come at the same time to a cold cache', async () => {
    const vault = await aVault();
    const cold = await nodes.aColdNode();
    const twenty = () => statusesOf(Array.from({ length: 20 }, () => unsealing(cold, vault)));
    const { result: statuses, calls } = await keyhold.sandbox.control.callsDuring(twenty);
    expect(calls.filter(({ service }) => service === 'kms').map(({ operation }) => operation)).toEqual(['Decrypt']);
    expect(statuses).toEqual(Array.from({ length: 20 }, () => 200));
  });

  test('at every unseal when dataKeyCacheSeconds is 0, so that none that starts after the first refusal succeeds', async () => {
    const vault = await aVault({ dataKeyCacheSeconds: 0 });
    for (const node of [here, there, here]) expect(await kmsCalls(() => unsealing(node, vault))).toEqual(['Decrypt']);
    await vault.customer.disableKey('us-east-2');
    const refused = async (node: Client) => expect(await unsealing(node, vault)).toMatchObject({ status: 409 });
    expect(await kmsCalls(() => refused(there))).toEqual(['Decrypt']);
    for (const node of [here, there]) expect(await seen(() => refused(node))).toEqual([]);
  });

  test('at every unseal as soon as dataKeyCacheSeconds becomes 0, on every node', async () => {
    const vault = await aVault();
    expect(await seen(() => unsealing(there, vault))).toEqual([]);
    expect(await here('PATCH', `/vaults/${vault.vaultId}`, { dataKeyCacheSeconds: 0 })).toMatchObject({ status: 200 });
    for (const node of [here, there]) expect(await kmsCalls(() => unsealing(node, vault))).toEqual(['Decrypt']);
  });
});

describe('how much one data key protects', () => {
  const versionsPerKey = async ({ vaultId }: FilledVault): Promise<number[]> => {
    const rows = await keyhold.database.asAdmin<{ versions: number }>(
      `SELECT count(i.item_id)::int AS versions FROM data_keys d
        LEFT JOIN item_versions i ON i.workspace_id = d.workspace_id AND i.data_key_id = d.data_key_id
        WHERE d.vault_id = $1 GROUP BY d.data_key_id ORDER BY d.data_key_id`,
      [vaultId],
    );
    return rows.map(({ versions }) => versions);
  };

  test('at most itemsPerDataKey versions, however many are sealed at once and on how many nodes', async () => {
    const vault = await aVault({ itemsPerDataKey: 5 });
    const seals = Array.from({ length: 40 }, (_, at) => sealing(at % 2 ? here : there, vault.vaultId));
    expect(new Set(await statusesOf(seals))).toEqual(new Set([201]));
    const perKey = await versionsPerKey(vault);
    expect(Math.max(...perKey)).toBeLessThanOrEqual(5);
    expect(perKey.reduce((sum, versions) => sum + versions)).toBe(42);
    expect(perKey.length).toBeLessThanOrEqual(10);
  });

  test('one version and no more when itemsPerDataKey is 1: each seal is one line in the customer’s trail', async () => {
    const vault = await aVault({ itemsPerDataKey: 1 });
    const calls = await seen(() => Promise.all(Array.from({ length: 6 }, () => sealing(here, vault.vaultId))));
    expect(calls.filter(({ operation }) => operation === 'Encrypt')).toHaveLength(6);
    expect(Math.max(...(await versionsPerKey(vault)))).toBe(1);
  });

  test('no more than a smaller itemsPerDataKey allows from then on', async () => {
    const vault = await aVault({ itemsPerDataKey: 1_000 });
    for (let seal = 0; seal < 3; seal += 1) await sealing(here, vault.vaultId);
    expect(await versionsPerKey(vault)).toEqual([4, 1]);
    await here('PATCH', `/vaults/${vault.vaultId}`, { itemsPerDataKey: 2 });
    for (let seal = 0; seal < 3; seal += 1) await sealing(here, vault.vaultId);
    expect(await versionsPerKey(vault)).toEqual([4, 1, 2, 1]);
  });
});
