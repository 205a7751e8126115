import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import pg from 'pg';
import { RowMacs, theSystem } from '#access';
import type { RequestContext } from '#access';
import { Database, IdempotencyRecords } from '#database';
import { RootKey } from '#envelope';
import { DefaultStrategy, KeyStrategyCatalog } from '#key-strategies';
import { CreateWorkspace } from '#workspaces';
import { type TestDatabase, aDatabase } from '../../../../test/harness/database.js';
import type { SandboxFaultOrder } from '../../../../test/harness/sandbox.js';
import { aService } from '../../../access/src/testing/a-service.js';
import { firstThings } from '../../../boxes/src/testing/first-things.js';
import { type ManagedWorld, MAIN, REPLICA, aManagedWorld } from '../../../key-strategies/src/testing/managed-world.js';
import { CreateVault } from '../create-vault.js';
import { DeleteVault } from '../delete-vault.js';
import { firstVault } from '../first-vault.js';
import { KeyClaims } from '../key-claims.js';
import { ProveVaultKey } from '../prove-vault-key.js';
import { RestoreVault } from '../restore-vault.js';
import { VaultKeys } from '../vault-keys.js';
import { VaultViews } from '../vault-view.js';
import { MakeManagedKey } from './make-managed-key.js';
import { SettleManagedKeys } from './settle-managed-keys.js';

jest.setTimeout(60_000);

const ROOT_KEY = RootKey.fromBytes(Buffer.alloc(32, 3));

describe('what remains to be done about managed keys', () => {
  let server: TestDatabase;
  let database: Database;
  let managed: ManagedWorld;
  let ctx: RequestContext;
  let createVault: CreateVault;
  let deleteVault: DeleteVault;
  let restoreVault: RestoreVault;
  let settle: SettleManagedKeys;

  beforeAll(async () => {
    [server, managed] = await Promise.all([aDatabase(), aManagedWorld()]);
    database = new Database({ url: server.serviceUrl, poolSize: 8 }, new IdempotencyRecords(ROOT_KEY));
    const vaultKeys = new VaultKeys(ROOT_KEY);
    const catalog = new KeyStrategyCatalog({
      default: new DefaultStrategy(ROOT_KEY),
      managed: managed.strategy,
      'aws-kms': managed.strategy as never, // no vault of it is made here
    });
    const views = new VaultViews(vaultKeys, catalog);
    settle = new SettleManagedKeys(database, vaultKeys, catalog);
    const proveKey = new ProveVaultKey(database, catalog, vaultKeys, new KeyClaims(ROOT_KEY), 0);
    createVault = new CreateVault(database, catalog, vaultKeys, proveKey, views, new MakeManagedKey(database, 0));
    deleteVault = new DeleteVault(database, catalog, settle);
    restoreVault = new RestoreVault(database, catalog, vaultKeys, views);
  });
  beforeEach(async () => {
    ctx = aService();
    const create = new CreateWorkspace(database, new RowMacs(ROOT_KEY), (id) =>
      firstThings(ROOT_KEY, id, firstVault(new VaultKeys(ROOT_KEY), id)),
    );
    await create.run(ctx, { name: 'Acme', ownerEmail: 'owner@acme.example' });
  });
  afterEach(async () => {
    await managed.world.sandbox.control.clearFaults();
    await managed.world.sandbox.control.clock({ offsetSeconds: 0 });
  });
  afterAll(async () => {
    await database.close();
    await Promise.all([server.drop(), managed.world.close()]);
  });

  const fault = (order: SandboxFaultOrder) => managed.world.sandbox.control.fault(order);
  const create = (name: string = randomUUID()) =>
    createVault.run(ctx, { name, strategy: 'managed', setAsDefault: false, keyConfig: undefined, settings: {} });
  const aVault = async (): Promise<{ vaultId: string; keyId: string }> => {
    const { vault } = await create();
    return { vaultId: vault.id, keyId: vault.managed?.keyArns.main.split('/')[1] ?? '' };
  };
  interface Row {
    vault_key_id: string;
    vault_id: string;
    state: string;
  }
  const rows = () =>
    server.asAdmin<Row>('SELECT vault_key_id, vault_id, state FROM managed_keys WHERE workspace_id = $1', [ctx.workspaceId]);
  /** As long as it takes until everything is due. */
  const timePasses = () =>
    server.asAdmin(`UPDATE managed_keys SET due_at = now(), claimed_until = now() WHERE workspace_id = $1`, [ctx.workspaceId]);
  const system = () => theSystem(ctx.workspaceId, randomUUID());
  const settled = () => settle.run(system());
  const events = async (vaultId: string): Promise<string[]> =>
    (
      await server.asAdmin<{ type: string }>(
        `SELECT type FROM audit_events WHERE workspace_id = $1 AND vault_id = $2 AND type LIKE 'vault.key.%' ORDER BY at`,
        [ctx.workspaceId, vaultId],
      )
    ).map(({ type }) => type);
  const stateOf = async (keyId: string, region: typeof MAIN | typeof REPLICA = MAIN) => {
    const name = { workspaceId: ctx.workspaceId, vaultId: randomUUID(), vaultKeyId: randomUUID() };
    return (await (await managed.administration.open(name, [])).describe(keyId, region))?.state;
  };
  const madeFor = async ({ vault_id: vaultId, vault_key_id: vaultKeyId }: Row) =>
    (await managed.administration.open({ workspaceId: ctx.workspaceId, vaultId, vaultKeyId }, [])).findByTags(MAIN);

  test('is nothing after a vault was made without trouble', async () => {
    await aVault();
    expect(await rows()).toEqual([]);
    expect(await settled()).toEqual({ settled: 0, failed: 0 });
  });

  test('is to end the key of a vault that nobody came back to, and not before', async () => {
    await fault({ operation: 'ReplicateKey', fault: { kind: 'reset' } });
    await expect(create()).rejects.toMatchObject({ code: 'unreachable' });
    await managed.world.sandbox.control.clearFaults();
    const [row] = await rows();
    if (!row) throw new Error('the creation left no row');
    const [keyId = ''] = await madeFor(row);
    expect(await settled()).toEqual({ settled: 0, failed: 0 });
    await timePasses();
    expect(await settled()).toEqual({ settled: 1, failed: 0 });
    expect(await stateOf(keyId)).toBe('PendingDeletion');
    expect(await rows()).toEqual([]);
    expect(await events(row.vault_id)).toEqual(['vault.key.creation_started', 'vault.key.creation_failed', 'vault.key.creation_abandoned']);
  });

  test('is nothing but to forget a creation that came to no key', async () => {
    await fault({ operation: 'CreateKey', fault: { kind: 'reset' } });
    await expect(create()).rejects.toMatchObject({ code: 'unreachable' });
    await managed.world.sandbox.control.clearFaults();
    await timePasses();
    expect(await settled()).toEqual({ settled: 1, failed: 0 });
    expect(await rows()).toEqual([]);
  });

  test('is to end the second key that a lost answer left, and to leave the one that the vault has', async () => {
    const name = randomUUID();
    await fault({ operation: 'CreateKey', when: 'after', fault: { kind: 'reset' }, times: 1 });
    await expect(create(name)).rejects.toMatchObject({ code: 'unreachable' });
    const { vault } = await create(name);
    const [row] = await rows();
    if (!row) throw new Error('a second try left no row');
    expect(row).toMatchObject({ vault_id: vault.id, state: 'tidying' });
    // AWS's lists are behind at times: the second try did not see what the first one had made
    const nameOfKey = { workspaceId: ctx.workspaceId, vaultId: row.vault_id, vaultKeyId: row.vault_key_id };
    const stray = await (await managed.administration.open(nameOfKey, [])).createKey(MAIN);
    await timePasses();
    expect(await settled()).toEqual({ settled: 1, failed: 0 });
    expect(await stateOf(stray)).toBe('PendingDeletion');
    expect(await stateOf(vault.managed?.keyArns.main.split('/')[1] ?? '')).toBe('Enabled');
    expect(await rows()).toEqual([]);
  });

  test('is to end the key of a deleted vault when AWS could not be told', async () => {
    const { vaultId, keyId } = await aVault();
    const lift = await fault({ service: 'sts', fault: { kind: 'reset' } });
    await deleteVault.run(ctx, vaultId, 7);
    expect(await rows()).toMatchObject([{ state: 'ending' }]);
    await lift();
    expect(await stateOf(keyId)).toBe('Enabled');
    await timePasses();
    expect(await settled()).toEqual({ settled: 1, failed: 0 });
    expect([await stateOf(keyId), await stateOf(keyId, REPLICA)]).toEqual(['PendingReplicaDeletion', 'PendingDeletion']);
    expect(await rows()).toMatchObject([{ state: 'ended' }]);
    expect((await events(vaultId)).slice(-2)).toEqual(['vault.key.deletion_failed', 'vault.key.deletion_scheduled']);
  });

  test('is nothing once AWS has deleted the key', async () => {
    const { vaultId } = await aVault();
    await deleteVault.run(ctx, vaultId, 7);
    await managed.world.sandbox.control.clock({ offsetSeconds: 16 * 86_400 });
    await timePasses();
    await settled();
    expect(await rows()).toEqual([]);
  });

  test('is to end a key again that was brought back for a vault that then was not restored', async () => {
    const { vaultId, keyId } = await aVault();
    await deleteVault.run(ctx, vaultId, 7);
    const lift = await fault({ operation: 'Encrypt', fault: { kind: 'reset' } });
    await expect(restoreVault.run(ctx, vaultId)).rejects.toMatchObject({ code: 'vault_key_rejected' });
    await lift();
    expect(await stateOf(keyId)).toBe('Enabled');
    await timePasses();
    await settled();
    await timePasses();
    await settled();
    expect(await stateOf(keyId)).toBe('PendingReplicaDeletion');
  });

  test('happens once, however many processes come to it', async () => {
    const { vaultId } = await aVault();
    await fault({ service: 'sts', fault: { kind: 'reset' } });
    await deleteVault.run(ctx, vaultId, 7);
    await managed.world.sandbox.control.clearFaults();
    await timePasses();
    const counts = await Promise.all(Array.from({ length: 5 }, settled));
    expect(counts.reduce((sum, count) => sum + count.settled, 0)).toBe(1);
    expect((await events(vaultId)).filter((type) => type === 'vault.key.deletion_scheduled')).toHaveLength(1);
  });

  test('is not written by a process that stalled while another one took over', async () => {
    const { vaultId, keyId } = await aVault();
    await fault({ service: 'sts', fault: { kind: 'reset' } });
    await deleteVault.run(ctx, vaultId, 7);
    await managed.world.sandbox.control.clearFaults();
    await timePasses();
    await fault({ operation: 'ListResourceTags', fault: { kind: 'latency', ms: 2_000 }, times: 1 });
    const { lastSeq } = await managed.world.sandbox.control.ledger();
    const stalled = settled();
    while (!(await managed.world.sandbox.control.ledger(lastSeq)).calls.some(({ operation }) => operation === 'ListResourceTags'));
    await timePasses();
    expect(await settled()).toEqual({ settled: 1, failed: 0 });
    expect(await stalled).toEqual({ settled: 0, failed: 1 });
    expect(await stateOf(keyId)).toBe('PendingReplicaDeletion');
    expect((await events(vaultId)).filter((type) => type === 'vault.key.deletion_scheduled')).toHaveLength(1);
  });

  describe('is not decided by whoever can write to the database', () => {
    const copyOf = (state: 'creating' | 'ending', vaultId: string, config = 'config') =>
      server.asAdmin(
        `INSERT INTO managed_keys (workspace_id, vault_key_id, vault_id, state, name, claimed_until, due_at, config, mac, pending_days)
         SELECT workspace_id, vault_key_id, vault_id, $2, 'x', now(), now(), ${state === 'ending' ? `${config}, mac, 7` : 'NULL, NULL, NULL'}
         FROM vault_keys WHERE vault_id = $1`,
        [vaultId, state],
      );

    test.each(['creating', 'ending'] as const)('the key of a living vault does not end by a row that says %s', async (state) => {
      const { vaultId, keyId } = await aVault();
      await copyOf(state, vaultId);
      await settled();
      expect([await stateOf(keyId), await stateOf(keyId, REPLICA)]).toEqual(['Enabled', 'Enabled']);
    });

    test('nor that of a restored vault, whose row has a new id', async () => {
      const { vaultId, keyId } = await aVault();
      const [{ vault_key_id: before } = { vault_key_id: '' }] = await server.asAdmin<{ vault_key_id: string }>(
        'SELECT vault_key_id FROM vault_keys WHERE vault_id = $1',
        [vaultId],
      );
      await deleteVault.run(ctx, vaultId, 7);
      await restoreVault.run(ctx, vaultId);
      await copyOf('creating', vaultId);
      await server.asAdmin('UPDATE managed_keys SET vault_key_id = $2 WHERE vault_id = $1', [vaultId, before]);
      await settled();
      expect(await stateOf(keyId)).toBe('Enabled');
    });

    test('nor any key by a configuration that the service did not write', async () => {
      const { vaultId } = await aVault();
      const { keyId } = await aVault();
      await copyOf('ending', vaultId, `regexp_replace(config, 'mrk-[0-9a-f]+', '${keyId}')`);
      await timePasses();
      expect(await settled()).toEqual({ settled: 0, failed: 1 });
      expect(await stateOf(keyId)).toBe('Enabled');
      expect((await events(vaultId)).at(-1)).toBe('vault.key.deletion_failed');
    });
  });

  test('is told to the worker by the workspace alone', async () => {
    const { vaultId } = await aVault();
    await fault({ service: 'sts', fault: { kind: 'reset' } });
    await deleteVault.run(ctx, vaultId, 7);
    const worker = new pg.Client({ connectionString: server.workerUrl });
    await worker.connect();
    const due = async () =>
      (await worker.query<{ workspace_id: string }>('SELECT workspace_id FROM managed_keys WHERE workspace_id = $1', [ctx.workspaceId]))
        .rows;
    try {
      expect(await due()).toEqual([]);
      await timePasses();
      expect(await due()).toEqual([{ workspace_id: ctx.workspaceId }]);
      for (const text of ['SELECT config FROM managed_keys', 'DELETE FROM managed_keys', 'UPDATE managed_keys SET due_at = now()'])
        await expect(worker.query(text)).rejects.toMatchObject({ code: '42501' });
    } finally {
      await worker.end();
    }
  });
});
