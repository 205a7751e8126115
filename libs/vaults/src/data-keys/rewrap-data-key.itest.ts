import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { RowMacs } from '#access';
import { Database, IdempotencyRecords } from '#database';
import { KeyBytes, RootKey } from '#envelope';
import { DefaultStrategy, KeyStrategyCatalog, type KeyWrapper, type VaultKey } from '#key-strategies';
import { CreateWorkspace } from '#workspaces';
import { type TestDatabase, aDatabase } from '../../../../test/harness/database.js';
import { aService } from '../../../access/src/testing/a-service.js';
import { firstThings } from '../../../boxes/src/testing/first-things.js';
import { AskVaultKey } from '../ask-vault-key.js';
import { firstVault } from '../first-vault.js';
import { RecordRefusal } from '../record-refusal.js';
import { insertVaultKey } from '../vault-key-store.js';
import { VaultKeys } from '../vault-keys.js';
import { insertDataKey } from './data-key-store.js';
import { RewrapDataKey } from './rewrap-data-key.js';
import { findKeysToRewrap, switchDataKey } from './rewrap-store.js';

jest.setTimeout(60_000);

const ROOT_KEY = RootKey.fromBytes(Buffer.alloc(32, 1));

/** `default`, which may wrap something else than it was told. */
class CarelessStrategy extends DefaultStrategy {
  wraps: (key: KeyBytes) => KeyBytes = (key) => key;
  opened = 0;

  constructor() {
    super(ROOT_KEY);
  }

  override open(key: VaultKey): KeyWrapper {
    const wrapper = super.open(key);
    return {
      wrap: (context, dataKey) => wrapper.wrap(context, this.wraps(dataKey)),
      unwrap: (context, wrapped) => {
        this.opened += 1;
        return wrapper.unwrap(context, wrapped);
      },
      probe: () => wrapper.probe(),
    };
  }
}

describe('a data key that is put under another key', () => {
  let server: TestDatabase;
  let database: Database;
  const ctx = aService(randomUUID());
  const strategy = new CarelessStrategy();
  const vaultKeys = new VaultKeys(ROOT_KEY);
  const next = randomUUID();
  let vaultId: string;
  let rewrap: RewrapDataKey;

  beforeAll(async () => {
    server = await aDatabase();
    database = new Database({ url: server.serviceUrl, poolSize: 4 }, new IdempotencyRecords(ROOT_KEY));
    const create = new CreateWorkspace(database, new RowMacs(ROOT_KEY), (id) => firstThings(ROOT_KEY, id, firstVault(vaultKeys, id)));
    ({ defaultVaultId: vaultId } = await create.run(ctx, { name: 'Acme', ownerEmail: 'owner@acme.example' }));
    const catalog = new KeyStrategyCatalog({ default: strategy, managed: strategy as never, 'aws-kms': strategy as never });
    rewrap = new RewrapDataKey(database, new AskVaultKey(database, vaultKeys, catalog, new RecordRefusal(database)), ROOT_KEY);
    const [vault] = await server.asAdmin<{ key: string }>('SELECT active_vault_key_id AS key FROM vaults WHERE vault_id = $1', [vaultId]);
    const before = { workspaceId: ctx.workspaceId, vaultId, vaultKeyId: vault?.key ?? '', dataKeyId: randomUUID() };
    const wrapped = ROOT_KEY.wrapDataKey(before, KeyBytes.random());
    await database.act(ctx, async (tx) => {
      await insertDataKey(tx, { ...before, wrapped, mac: ROOT_KEY.macDataKey(before, wrapped) });
      const key = { workspaceId: ctx.workspaceId, vaultId, vaultKeyId: next, strategy: 'default', config: {} } as const;
      await insertVaultKey(tx, vaultId, { vault_key_id: next, strategy: 'default', key_health: 'healthy', ...vaultKeys.seal(key) });
      return { result: null, event: { type: 'vault.updated' } };
    });
  });
  afterAll(async () => {
    await database.close();
    await server.drop();
  });

  const theKey = async () => {
    const [key] = await database.read(ctx, (tx) => findKeysToRewrap(tx, vaultId, next, undefined, 10));
    if (!key) throw new Error('nothing to rewrap');
    return key;
  };

  test('is opened with that key before anything is switched: a wrap of something else is refused', async () => {
    strategy.wraps = () => KeyBytes.random();
    await expect(rewrap.run(ctx, await theKey(), next)).rejects.toMatchObject({ code: 'not_intact' });
    strategy.wraps = (key) => key;
    expect(await rewrap.run(ctx, await theKey(), next)).toMatchObject({ after: { vaultKeyId: next } });
  });

  test('is not asked for when its row is not of our making', async () => {
    const { stored } = await theKey();
    const asked = strategy.opened;
    const forged = { stored: { ...stored, mac: Buffer.alloc(32) }, kept: undefined };
    await expect(rewrap.run(ctx, forged, next)).rejects.toMatchObject({ code: 'not_intact' });
    expect(strategy.opened).toBe(asked);
  });

  test('is switched once: whoever has opened the wrap that stood there before switches nothing', async () => {
    const { before, after } = await rewrap.run(ctx, await theKey(), next);
    const change = () =>
      database.act(ctx, async (tx) => ({ result: await switchDataKey(tx, before, after), event: { type: 'vault.updated' } }));
    expect([await change(), await change()]).toEqual([true, false]);
    expect(await server.asAdmin('SELECT vault_key_id FROM data_key_wraps WHERE vault_id = $1', [vaultId])).toEqual([
      { vault_key_id: before.vaultKeyId },
    ]);
    expect(await database.read(ctx, (tx) => findKeysToRewrap(tx, vaultId, next, undefined, 10))).toEqual([]);
    const [back] = await database.read(ctx, (tx) => findKeysToRewrap(tx, vaultId, before.vaultKeyId, undefined, 10));
    expect(back?.kept).toEqual(before);
  });
});
