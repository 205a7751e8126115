import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { eventually } from '../harness/eventually.js';
import { anItem } from '../harness/item.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';
import { anAwsKmsVault } from '../harness/vault.js';
import { healthOf } from '../harness/vault-health.js';

jest.setTimeout(120_000);

describe('a vault whose key cannot be reached in any Region', () => {
  let keyhold: Keyhold;
  let acme: Workspace;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    acme = await keyhold.aWorkspace('Acme');
  });
  afterEach(() => keyhold.sandbox.control.clearFaults());
  afterAll(() => keyhold.stop());

  /** What is sealed, and a key that is then out of reach and known to be so. */
  async function unreachableVault(dataKeyCacheSeconds: number): Promise<{ vaultId: string; itemId: string; from: number }> {
    const { vaultId, customer } = await anAwsKmsVault(keyhold, acme, { name: `Cache ${dataKeyCacheSeconds}`, dataKeyCacheSeconds });
    const itemId = await anItem(acme, { secret: 'x' }, { vaultId });
    const from = performance.now();
    await acme.call('POST', `/items/${itemId}/unseal`);
    await keyhold.sandbox.control.fault({ keyId: customer.keyId, service: 'kms', fault: { kind: 'reset' } });
    await acme.call('POST', `/vaults/${vaultId}/verify`);
    expect(await healthOf(acme, vaultId)).toMatchObject({ health: 'unreachable' });
    return { vaultId, itemId, from };
  }
  const seal = (vaultId: string) => acme.call('POST', '/items', { kind: 'secret', name: 'New', vaultId, payload: { a: 'b' } });
  const unseal = (itemId: string) => acme.call('POST', `/items/${itemId}/unseal`);

  test('unseals and seals from what is open, within the time that the key is proved for', async () => {
    const { vaultId, itemId } = await unreachableVault(300);
    expect((await unseal(itemId)).status).toBe(200);
    expect((await seal(vaultId)).status).toBe(201);
  });

  test('unseals and seals nothing when nothing may stay open', async () => {
    const { vaultId, itemId } = await unreachableVault(0);
    expect(await unseal(itemId)).toMatchObject({ status: 503, body: { code: 'vault_key_unreachable' } });
    expect(await seal(vaultId)).toMatchObject({ status: 503, body: { code: 'vault_key_unreachable' } });
  });

  test('unseals and seals nothing any more once what is open is too old', async () => {
    const cacheSeconds = 4;
    const { vaultId, itemId, from } = await unreachableVault(cacheSeconds);
    await new Promise((over) => setTimeout(over, from + cacheSeconds * 1_000 + 200 - performance.now()));
    expect(await unseal(itemId)).toMatchObject({ status: 503, body: { code: 'vault_key_unreachable' } });
    expect(await seal(vaultId)).toMatchObject({ status: 503, body: { code: 'vault_key_unreachable' } });
    expect(await healthOf(acme, vaultId)).toMatchObject({ health: 'unreachable' });
  });

  test('is asked soon when traffic was the first to meet silence', async () => {
    const { vaultId, customer } = await anAwsKmsVault(keyhold, acme, { name: 'Told by traffic', dataKeyCacheSeconds: 0 });
    const itemId = await anItem(acme, { secret: 'x' }, { vaultId });
    const before = await healthOf(acme, vaultId);
    await keyhold.sandbox.control.fault({ keyId: customer.keyId, service: 'kms', fault: { kind: 'reset' } });
    expect((await unseal(itemId)).status).toBe(503);
    const worker = await keyhold.aWorker();
    const told = await eventually(
      () => healthOf(acme, vaultId),
      ({ checkedAt }) => checkedAt !== before.checkedAt,
    );
    expect(told).toMatchObject({ health: 'unreachable' });
    await worker.stop();
  });
});
