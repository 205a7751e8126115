import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { RowMacs } from '#access';
import { Database, IdempotencyRecords } from '#database';
import { RootKey } from '#envelope';
import { CreateWorkspace } from '#workspaces';
import { type TestDatabase, aDatabase } from '../../../../test/harness/database.js';
import { aService } from '../../../access/src/testing/a-service.js';
import { firstThings } from '../../../boxes/src/testing/first-things.js';
import { firstVault } from '../first-vault.js';
import { insertVaultKey, lockVault, switchVaultKey } from '../vault-key-store.js';
import { VaultKeys } from '../vault-keys.js';
import { insertDataKey } from './data-key-store.js';

jest.setTimeout(60_000);

const ROOT_KEY = RootKey.fromBytes(Buffer.alloc(32, 1));

describe('a data key of a vault that gets another key', () => {
  let server: TestDatabase;
  let database: Database;
  let ctx: ReturnType<typeof aService>;
  let vaultId: string;
  let before: string;

  beforeAll(async () => {
    server = await aDatabase();
    database = new Database({ url: server.serviceUrl, poolSize: 4 }, new IdempotencyRecords(ROOT_KEY));
  });
  beforeEach(async () => {
    ctx = aService(randomUUID());
    const vaultKeys = new VaultKeys(ROOT_KEY);
    const create = new CreateWorkspace(database, new RowMacs(ROOT_KEY), (id) => firstThings(ROOT_KEY, id, firstVault(vaultKeys, id)));
    ({ defaultVaultId: vaultId } = await create.run(ctx, { name: 'Acme', ownerEmail: 'owner@acme.example' }));
    const [vault] = await server.asAdmin<{ key: string }>('SELECT active_vault_key_id AS key FROM vaults WHERE vault_id = $1', [vaultId]);
    before = vault?.key ?? '';
  });
  afterAll(async () => {
    await database.close();
    await server.drop();
  });

  const event = { type: 'vault.updated' } as const;
  const aDataKey = () => ({ vaultId, dataKeyId: randomUUID(), vaultKeyId: before, wrapped: Buffer.alloc(61), mac: Buffer.alloc(32) });
  const stored = async () => (await server.asAdmin('SELECT 1 FROM data_keys WHERE vault_id = $1', [vaultId])).length;
  /** Switches the vault to another key; commits when `until` is over. */
  const toAnotherKey = (until: Promise<unknown> = Promise.resolve()) =>
    database.act(ctx, async (tx) => {
      await lockVault(tx, vaultId);
      const next = { vault_key_id: randomUUID(), strategy: 'default', key_health: 'healthy', config: '{}', mac: Buffer.alloc(32) } as const;
      await insertVaultKey(tx, vaultId, next);
      expect(await switchVaultKey(tx, vaultId, { from: before, to: next.vault_key_id })).toBe(true);
      await until;
      return { result: null, event };
    });
  const insert = (key: ReturnType<typeof aDataKey>, until: Promise<unknown> = Promise.resolve()) =>
    database.act(ctx, async (tx) => {
      const isStored = await insertDataKey(tx, key);
      await until;
      return { result: isStored, event };
    });
  /** How many statements of this database wait for a lock. */
  const waiting = async () =>
    (await server.asAdmin(`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)).length;
  const untilSomebodyWaits = async () => {
    while ((await waiting()) === 0);
  };

  test('is stored while the key is the vault’s, by everybody who brings it along', async () => {
    const key = aDataKey();
    expect(await Promise.all([insert(key), insert(key), insert(key)])).toEqual([true, true, true]);
    expect(await stored()).toBe(1);
  });

  test('is not stored once the vault has another key; one that is there already is', async () => {
    const known = aDataKey();
    await insert(known);
    await toAnotherKey();
    expect(await insert(aDataKey())).toBe(false);
    expect(await insert(known)).toBe(true);
    expect(await stored()).toBe(1);
  });

  test('is waited for by the switch when it comes first', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const { promise: isIn, resolve: tell } = Promise.withResolvers<undefined>();
    const inserting = database.act(ctx, async (tx) => {
      const isStored = await insertDataKey(tx, aDataKey());
      tell(undefined);
      await promise;
      return { result: isStored, event };
    });
    await isIn;
    const switching = toAnotherKey();
    await untilSomebodyWaits();
    resolve(undefined);
    expect(await inserting).toBe(true);
    await switching;
    expect(await stored()).toBe(1); // and the job that begins now finds it
  });

  test('waits for the switch when that comes first, and is not stored', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const switching = toAnotherKey(promise);
    while (
      (await server.asAdmin(`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'`))
        .length === 0
    );
    const inserting = insert(aDataKey());
    await untilSomebodyWaits();
    resolve(undefined);
    await switching;
    expect(await inserting).toBe(false);
    expect(await stored()).toBe(0);
  });
});
