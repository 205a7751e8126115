import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RowMacs } from '#access';
import type { Queries } from '#audit';
import { Database, IdempotencyRecords } from '#database';
import { RootKey } from '#envelope';
import { CreateWorkspace, setDefaultVault } from '#workspaces';
import { type TestDatabase, aDatabase } from '../../../test/harness/database.js';
import { aService } from '../../access/src/testing/a-service.js';
import { firstThings } from '../../boxes/src/testing/first-things.js';
import { firstVault } from './first-vault.js';
import { VaultKeys } from './vault-keys.js';
import { DEFAULT_SETTINGS, insertVault } from './vault-store.js';

const ROOT_KEY = RootKey.fromBytes(Buffer.alloc(32, 1));

describe('a workspace and its default vault', () => {
  let server: TestDatabase;
  let database: Database;
  let createWorkspace: CreateWorkspace;

  beforeAll(async () => {
    server = await aDatabase();
    database = new Database({ url: server.serviceUrl, poolSize: 4 }, new IdempotencyRecords(ROOT_KEY));
    const vaultKeys = new VaultKeys(ROOT_KEY);
    createWorkspace = new CreateWorkspace(database, new RowMacs(ROOT_KEY), (id) => firstThings(ROOT_KEY, id, firstVault(vaultKeys, id)));
  });
  afterAll(async () => {
    await database.close();
    await server.drop();
  });

  test('two vaults that become the default at the same time do not wait for each other', async () => {
    const ctx = aService();
    await createWorkspace.run(ctx, { name: 'Acme', ownerEmail: 'owner@acme.example' });
    const bothAreInserted = meetingOf(2);
    const newDefault = (vaultId: string) =>
      database.act(ctx, async (tx) => {
        await insertAVault(tx, vaultId);
        await bothAreInserted();
        await setDefaultVault(tx, vaultId);
        return { result: vaultId, event: { type: 'vault.created', vaultId } };
      });
    const ids = [randomUUID(), randomUUID()];
    expect(await Promise.all(ids.map(newDefault))).toEqual(ids);
  });

  test('a key whose record has expired makes no second workspace, and says so', async () => {
    const ctx = { ...aService(), idempotency: { key: 'k', requestDigest: Buffer.alloc(32) } };
    await createWorkspace.run(ctx, { name: 'Acme', ownerEmail: 'owner@acme.example' });
    await server.asAdmin(`DELETE FROM idempotency_records WHERE workspace_id = '${ctx.workspaceId}'`);
    await expect(createWorkspace.run(ctx, { name: 'Acme', ownerEmail: 'owner@acme.example' })).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
  });
});

async function insertAVault(tx: Queries, vaultId: string): Promise<void> {
  const key = { vaultKeyId: randomUUID(), config: '{}', mac: Buffer.alloc(32) };
  await insertVault(tx, { vaultId, name: vaultId, strategy: 'default', keyHealth: 'healthy', settings: DEFAULT_SETTINGS, ...key });
}

/** Lets nobody go on before `count` have come. */
function meetingOf(count: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let present = 0;
  return async () => {
    present += 1;
    if (present === count) resolve(undefined);
    await promise;
  };
}
