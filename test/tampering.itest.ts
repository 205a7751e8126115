import { createPublicKey, publicEncrypt, randomBytes, randomUUID } from 'node:crypto';
import { GetPublicKeyCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { KeyBytes, encodeWrapPlaintext, sealItem, sealToken } from '#envelope';
import { type Customer, REGIONS } from './harness/customer.js';
import { anItem } from './harness/item.js';
import { type Keyhold, type Workspace, startKeyhold } from './harness/service.js';
import { type StoredRow, StoredRows } from './harness/stored-rows.js';
import { type Target, Tampering, pick } from './harness/tampering.js';
import { aDefaultVault, anAwsKmsVault } from './harness/vault.js';

jest.setTimeout(180_000);

const SEALED = ['salt', 'iv', 'ciphertext', 'tag', 'commitment'] as const;
const LANES = 6;
/** The vault key is asked for each unseal, and each item has a data key of its own: nothing opens from memory. */
const COLD = { dataKeyCacheSeconds: 0, itemsPerDataKey: 1 };
const NOT_INTACT = { status: 422, body: { code: 'sealed_data_not_intact' } };

type VaultOfTest = 'cold' | 'otherCold' | 'warm' | 'root' | 'foreign';
type Pair = [apart: string, VaultOfTest, VaultOfTest];

describe('stored rows that somebody changed', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  let globex: Workspace;
  let customer: Customer;
  let rows: StoredRows;
  let tampering: Tampering;
  const vaults: Record<VaultOfTest, string> = { cold: '', otherCold: '', warm: '', root: '', foreign: '' };

  beforeAll(async () => {
    keyhold = await startKeyhold();
    [acme, globex] = await Promise.all([keyhold.aWorkspace('Acme'), keyhold.aWorkspace('Globex')]);
    rows = new StoredRows(keyhold.database);
    tampering = new Tampering(rows);
    ({ customer, vaultId: vaults.cold } = await anAwsKmsVault(keyhold, acme, { name: 'Cold', ...COLD }));
    ({ vaultId: vaults.otherCold } = await anAwsKmsVault(keyhold, acme, { name: 'Other', ...COLD }, customer));
    ({ vaultId: vaults.warm } = await anAwsKmsVault(keyhold, acme, { name: 'Warm', dataKeyCacheSeconds: 300 }, customer));
    vaults.root = await aDefaultVault(acme, COLD);
    ({ vaultId: vaults.foreign } = await anAwsKmsVault(keyhold, globex, COLD));
    await rows.unlock();
  });
  afterAll(() => keyhold.stop());

  async function aTarget(vault: VaultOfTest): Promise<Target> {
    const workspace = vault === 'foreign' ? globex : acme;
    return tampering.targetOf(workspace, await anItem(workspace, { of: vault }, { vaultId: vaults[vault] }));
  }
  const lanes = (vault: VaultOfTest) => Promise.all(Array.from({ length: LANES }, () => aTarget(vault)));
  const twoTargets = async (a: VaultOfTest, b: VaultOfTest): Promise<[Target, Target]> => [await aTarget(a), await aTarget(b)];
  const callsSince = async (seq: number) => (await keyhold.sandbox.control.ledger(seq)).calls;
  const lastCall = async () => (await keyhold.sandbox.control.ledger()).lastSeq;
  const vaultRow = (workspace: Workspace, vault_id: string): StoredRow => ({
    table: 'vaults',
    key: { workspace_id: workspace.id, vault_id },
  });

  describe('item versions', () => {
    const COLUMNS = [...SEALED, 'data_key_id', 'vault_id'];

    test.each<Pair>([
      ['items under one data key', 'warm', 'warm'],
      ['items under two data keys', 'cold', 'cold'],
      ['vaults under one key of a customer', 'cold', 'otherCold'],
      ['vaults of two strategies', 'cold', 'root'],
      ['workspaces', 'cold', 'foreign'],
    ])('open nowhere when any of their columns are exchanged between two %s', async (_apart, a, b) => {
      await tampering.exchangeColumns(await twoTargets(a, b), 'row', COLUMNS);
    });

    test('open nowhere when any of their columns, or their numbers, are exchanged between two versions', async () => {
      const first = await aTarget('warm');
      await acme.call('PUT', `/items/${first.itemId}`, { payload: { of: 'version 2' } });
      const versions = [first, await tampering.targetOf(acme, first.itemId, 2)] as const;
      await tampering.exchangeColumns(versions, 'row', COLUMNS);
      await tampering.exchangeKeys(versions, 'row', 'version');
    });

    test('open nowhere after a move to another item', async () => {
      await tampering.exchangeKeys(await twoTargets('cold', 'cold'), 'row', 'item_id');
    });

    test('open with no bit changed', async () => {
      const bits = await tampering.flipBits(await lanes('warm'), 'row', SEALED);
      expect(bits).toBe(8 * (32 + 12 + '{"of":"warm"}'.length + 16 + 32));
    });

    test('open at no other length', async () => {
      await tampering.changeLengths(await lanes('warm'), 'row', SEALED);
    });

    test('are missed when they are gone, or when their item never had them', async () => {
      const target = await aTarget('cold');
      const item: StoredRow = { table: 'items', key: { workspace_id: acme.id, item_id: target.itemId } };
      await rows.changed(item, { current_version: 3 }, async () => {
        for (const version of [2, 3]) await tampering.attempt('a version that never was', { ...target, version });
      });
      const stored = await rows.read(target.row);
      await rows.remove(target.row);
      await tampering.attempt('a version that is gone', target);
      await rows.insert('item_versions', stored);
      await tampering.allOpen(target);
    });

    test('do not open when their vault is gone', async () => {
      const target = await aTarget('otherCold');
      const stored = await rows.read(vaultRow(acme, target.vaultId));
      await rows.remove(vaultRow(acme, target.vaultId));
      await tampering.attempt('a vault that is gone', target);
      await rows.insert('vaults', stored);
      await tampering.allOpen(target);
    });
  });

  describe('data keys', () => {
    const COLUMNS = ['wrapped', 'mac', 'vault_key_id', 'vault_id'];

    test.each<Pair>([
      ['items', 'cold', 'cold'],
      ['vaults under one key of a customer', 'cold', 'otherCold'],
      ['vaults of two strategies', 'cold', 'root'],
      ['workspaces', 'cold', 'foreign'],
    ])('open nothing when any of their columns, or their ids, are exchanged between two %s', async (_apart, a, b) => {
      const pair = await twoTargets(a, b);
      await tampering.exchangeColumns(pair, 'dataKey', COLUMNS);
      await tampering.exchangeKeys(pair, 'dataKey', 'data_key_id');
    });

    test('open nothing in another workspace', async () => {
      await tampering.exchangeKeys(await twoTargets('cold', 'foreign'), 'dataKey', 'workspace_id');
    });

    test.each<[VaultOfTest, number]>([
      ['cold', 512],
      ['root', 61],
    ])('of the %s vault open nothing with any bit changed, and KMS is not asked', async (vault, wrappedBytes) => {
      const targets = await lanes(vault);
      const before = await lastCall();
      expect(await tampering.flipBits(targets, 'dataKey', ['wrapped', 'mac'])).toBe(8 * (wrappedBytes + 32));
      const decrypts = (await callsSince(before)).filter(({ operation }) => operation === 'Decrypt');
      expect(decrypts).toHaveLength(vault === 'cold' ? LANES : 0); // those that show that all open again
    });

    test('open nothing at another length', async () => {
      await tampering.changeLengths(await lanes('cold'), 'dataKey', ['wrapped', 'mac']);
    });

    test('open nothing when they were planted: the public key is public', async () => {
      const target = await aTarget('cold');
      const { mac, vault_key_id } = await rows.read(target.dataKey);
      const ids = { workspaceId: acme.id, vaultId: target.vaultId, dataKeyId: randomUUID() };
      const planted = KeyBytes.random();
      const wrapPlaintext = encodeWrapPlaintext({ ...ids, vaultKeyId: vault_key_id as string }, planted);
      const wrapped = publicEncrypt({ key: await publicKeyOf(customer), oaepHash: 'sha256' }, wrapPlaintext);
      const dataKey = { workspace_id: acme.id, vault_id: target.vaultId, data_key_id: ids.dataKeyId, vault_key_id, wrapped };
      const sealed = sealItem(Buffer.from('{"planted":true}'), planted, { ...ids, itemId: target.itemId, version: 1 });
      const token = sealToken(Buffer.from('{"planted":true}'), planted, { ...ids, context: 'c' });
      const before = await lastCall();
      for (const forged of [mac, randomBytes(32), Buffer.alloc(32)]) {
        await rows.insert('data_keys', { ...dataKey, mac: forged });
        await rows.changed(target.row, { ...sealed, data_key_id: ids.dataKeyId }, () => tampering.attempt('a planted data key', target));
        expect(await acme.call('POST', '/unseal', { context: 'c', sealed: token })).toMatchObject(NOT_INTACT);
        await rows.remove({ table: 'data_keys', key: { workspace_id: acme.id, data_key_id: ids.dataKeyId } });
      }
      expect(await callsSince(before)).toEqual([]);
      await tampering.allOpen(target);
    });
  });

  describe('vault keys', () => {
    test.each<Pair>([
      ['vaults under one key of a customer', 'cold', 'otherCold'],
      ['vaults of two strategies', 'cold', 'root'],
      ['workspaces', 'cold', 'foreign'],
    ])('open nothing when any of their columns are exchanged between two %s', async (_apart, a, b) => {
      await tampering.exchangeColumns(await twoTargets(a, b), 'vaultKey', ['strategy', 'config', 'mac']);
    });

    const seal = () => acme.call('POST', '/items', { kind: 'secret', name: 'n', vaultId: vaults.cold, payload: {} });

    test("open and seal nothing when they are pointed at somebody else's key", async () => {
      const [target, foreign] = await twoTargets('cold', 'foreign');
      const { config, mac } = await rows.read(foreign.vaultKey);
      const before = await lastCall();
      for (const change of [{ config }, { config, mac }, { config: '{}' }, { config: 'null' }, { config: '' }])
        await rows.changed(target.vaultKey, change, async () => {
          await tampering.attempt('a vault key pointed elsewhere', target);
          expect(await seal()).toMatchObject(NOT_INTACT);
          expect(await acme.call('POST', `/vaults/${vaults.cold}/verify`)).toMatchObject(NOT_INTACT);
        });
      expect(await callsSince(before)).toEqual([]);
      await tampering.allOpen(target);
    });

    test('seal nothing when their vault is given another one', async () => {
      const { vaultKey: foreign } = await aTarget('foreign');
      const planted = { ...(await rows.read(foreign)), workspace_id: acme.id, vault_id: vaults.cold, vault_key_id: randomUUID() };
      await rows.insert('vault_keys', planted);
      const before = await lastCall();
      for (const active_vault_key_id of [planted.vault_key_id, foreign.key['vault_key_id'], randomUUID()])
        await rows.changed(vaultRow(acme, vaults.cold), { active_vault_key_id }, async () => {
          expect(await seal()).toMatchObject(NOT_INTACT);
        });
      expect(await callsSince(before)).toEqual([]);
      expect(await seal()).toMatchObject({ status: 201 });
    });
  });

  test('a whole chain of keys opens nothing in another workspace', async () => {
    const foreign = await aTarget('foreign');
    const moved = async (row: StoredRow) => ({ ...(await rows.read(row)), workspace_id: acme.id });
    await rows.insert('vaults', { ...(await moved(vaultRow(globex, foreign.vaultId))), name: 'Taken over' });
    await rows.insert('vault_keys', await moved(foreign.vaultKey));
    await rows.insert('data_keys', await moved(foreign.dataKey));
    const item = await moved({ table: 'items', key: { workspace_id: globex.id, item_id: foreign.itemId } });
    await rows.insert('items', { ...item, box_id: acme.defaultBoxId });
    await rows.insert('item_versions', await moved(foreign.row));
    await tampering.attempt('a chain that was taken over', { ...foreign, workspace: acme });
    const own = await aTarget('cold');
    const sealed = pick(await rows.read(foreign.row), [...SEALED, 'data_key_id', 'vault_id']);
    await rows.changed(own.row, sealed, () => tampering.attempt('a chain under an item of ours', own));
    await tampering.allOpen(foreign, own);
  });

  test('every attempt was refused in the same words, and is on record', async () => {
    const { accepted, bodies, requestIds } = tampering;
    console.log(`figure: stored-tampering-tried = ${requestIds.length}`);
    console.log(`figure: stored-tampering-accepted = ${accepted.length}`);
    expect(accepted).toEqual([]);
    expect([...bodies]).toEqual([expect.stringContaining('"code":"sealed_data_not_intact"')]);
    const [recorded] = await keyhold.database.asAdmin<{ count: number }>(
      `SELECT count(*)::integer AS count FROM audit_events
       WHERE type = 'item.unseal.refused' AND details ->> 'code' = 'not_intact' AND request_id = ANY ($1)`,
      [requestIds],
    );
    expect(recorded?.count).toBe(requestIds.length);
    expect(keyhold.log()).not.toContain('"code":"internal"');
  });
});

async function publicKeyOf({ kms, keyId }: Customer) {
  const { PublicKey } = await kms(REGIONS.main).send(new GetPublicKeyCommand({ KeyId: keyId }));
  return createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' });
}
