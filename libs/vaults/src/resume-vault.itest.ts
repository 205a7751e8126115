import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RowMacs } from '#access';
import { Database, IdempotencyRecords } from '#database';
import { RootKey } from '#envelope';
import { DefaultStrategy, KeyStrategyCatalog } from '#key-strategies';
import { CreateWorkspace } from '#workspaces';
import { type TestDatabase, aDatabase } from '../../../test/harness/database.js';
import { aService } from '../../access/src/testing/a-service.js';
import { firstThings } from '../../boxes/src/testing/first-things.js';
import { ChangeVaultStanding } from './change-vault-standing.js';
import { firstVault } from './first-vault.js';
import { ResumeVault } from './resume-vault.js';
import { VaultKeys } from './vault-keys.js';
import { findVaultState } from './vault-store.js';
import { type KeyReportView, VaultViews } from './vault-view.js';

const ROOT_KEY = RootKey.fromBytes(Buffer.alloc(32, 1));
const GREEN: KeyReportView = { ok: true, health: 'healthy', checks: [] };

describe('the resumption of a vault', () => {
  let server: TestDatabase;
  let database: Database;
  let workspaceId: string;
  let vaultId: string;
  let views: VaultViews;
  let standing: ChangeVaultStanding;

  beforeAll(async () => {
    server = await aDatabase();
    database = new Database({ url: server.serviceUrl, poolSize: 4 }, new IdempotencyRecords(ROOT_KEY));
    const vaultKeys = new VaultKeys(ROOT_KEY);
    const strategy = new DefaultStrategy(ROOT_KEY);
    views = new VaultViews(
      vaultKeys,
      new KeyStrategyCatalog({ default: strategy, 'aws-kms': strategy as never, managed: strategy as never }),
    );
    standing = new ChangeVaultStanding(database, views);
    const create = new CreateWorkspace(database, new RowMacs(ROOT_KEY), (id) => firstThings(ROOT_KEY, id, firstVault(vaultKeys, id)));
    ({ id: workspaceId, defaultVaultId: vaultId } = await create.run(aService(), { name: 'Acme', ownerEmail: 'owner@acme.example' }));
  });
  afterAll(async () => {
    await database.close();
    await server.drop();
  });

  const ctx = () => aService(workspaceId);
  const status = async () => (await database.read(ctx(), (tx) => findVaultState(tx, vaultId)))?.status;
  const suspend = () => standing.run(ctx(), vaultId, { act: 'suspend' });
  /** While `meanwhile` happens the key is being checked. */
  const resume = (meanwhile: () => Promise<unknown>, report = GREEN) => {
    const run = async () => {
      await meanwhile();
      return report;
    };
    return new ResumeVault(database, views, { run }).run(ctx(), vaultId);
  };

  test('loses against a suspension that comes while the key is being checked', async () => {
    await suspend();
    await expect(resume(suspend)).rejects.toMatchObject({ code: 'vault_suspended' });
    expect(await status()).toBe('suspended');
  });

  test('is not for a key whose owner said no while it was being checked', async () => {
    await suspend();
    await expect(resume(() => Promise.resolve(), { ...GREEN, health: 'refused' })).rejects.toMatchObject({ code: 'vault_not_resumed' });
    expect(await status()).toBe('suspended');
  });

  test('keeps what was decided about new items while the key was being checked', async () => {
    await suspend();
    expect(await resume(() => standing.run(ctx(), vaultId, { act: 'disable' }))).toMatchObject({ status: 'disabled', resumesAs: null });
  });
});
