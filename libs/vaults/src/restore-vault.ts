import { randomUUIDv7 } from 'node:crypto';
import type { RequestContext } from '#access';
import type { AuditEvent, Queries } from '#audit';
import { type Database, isUniqueViolation } from '#database';
import { type KeyCall, type KeyStrategyCatalog, type ProbeReport, type VaultKey } from '#key-strategies';
import { type CreatedVault, reportView } from './create-vault.js';
import { startProbes } from './health/record-report.js';
import { type DeletedVaultRow, findDeletedVault, takeBack } from './managed-keys/managed-key-store.js';
import { VaultError } from './vault-error.js';
import type { VaultKeys } from './vault-keys.js';
import { findVault, insertVault, isVaultNameTaken } from './vault-store.js';
import type { VaultViews } from './vault-view.js';

/**
 * Undoes the deletion of a vault whose key the service made, while AWS still has the key: the key is brought back in both
 * Regions and proved, then the vault is there again under its id.
 */
export class RestoreVault {
  constructor(
    private readonly database: Database,
    private readonly strategies: KeyStrategyCatalog,
    private readonly vaultKeys: VaultKeys,
    private readonly views: VaultViews,
  ) {}

  /** @param name another one, where a new vault has taken the old one */
  async run(ctx: RequestContext, vaultId: string, name?: string): Promise<CreatedVault> {
    const deleted = await this.#deleted(ctx, vaultId, name);
    if (!deleted) return this.#restoredBefore(ctx);
    const before = this.#keyOf(ctx, deleted);
    const calls: KeyCall[] = [];
    const { maker } = this.strategies.get(before.strategy);
    if (!maker) throw new VaultError('vault_not_found');
    await maker.revive(before, calls);
    // Under a new id: what other processes hold under the old one, open data keys and counts of their uses, is void.
    const key: VaultKey = { ...before, vaultKeyId: randomUUIDv7() };
    const report = await this.strategies.get(key.strategy).open(key).probe();
    if (!report.ok) throw new VaultError('vault_key_rejected', { checks: report.checks });
    try {
      return await this.database.act(ctx, (tx) => this.#store(tx, ctx, { deleted, key, report, name, calls }));
    } catch (error) {
      if (isUniqueViolation(error, 'vaults_name_key')) throw new VaultError('vault_name_taken');
      throw error;
    }
  }

  async #deleted(ctx: RequestContext, vaultId: string, name: string | undefined): Promise<DeletedVaultRow | undefined> {
    return this.database.read(ctx, async (tx) => {
      const deleted = await findDeletedVault(tx, vaultId);
      if (!deleted) return undefined;
      if (deleted.state !== 'ended') throw new VaultError('vault_key_deletion_under_way');
      if (await isVaultNameTaken(tx, name ?? deleted.name)) throw new VaultError('vault_name_taken');
      return deleted;
    });
  }

  /** Maybe a moment ago and by this very request, under the same idempotency key. */
  async #restoredBefore(ctx: RequestContext): Promise<CreatedVault> {
    const before = await this.database.replay(ctx);
    if (!before) throw new VaultError('vault_not_found');
    return before.result as CreatedVault;
  }

  #keyOf(ctx: RequestContext, { vault_id: vaultId, vault_key_id: vaultKeyId, config, mac }: DeletedVaultRow): VaultKey {
    return this.vaultKeys.open({ workspaceId: ctx.workspaceId, vaultId, vaultKeyId, strategy: 'managed' }, config, mac);
  }

  async #store(tx: Queries, ctx: RequestContext, { deleted, key, report, name = deleted.name, calls }: Restored) {
    const { vaultId, vaultKeyId, strategy } = key;
    const { settings } = deleted;
    if (!(await takeBack(tx, deleted.vault_key_id))) throw new VaultError('vault_not_found');
    await insertVault(tx, { vaultId, vaultKeyId, strategy, name, keyHealth: report.health, settings, ...this.vaultKeys.seal(key) });
    await startProbes(tx, key, report);
    const row = await findVault(tx, vaultId);
    if (!row) throw new Error('a vault is gone in the transaction that made it');
    const details = { before: { name: deleted.name }, after: { name } };
    const result = { vault: this.views.of(ctx.workspaceId, row), report: reportView(report) };
    const cancelled: AuditEvent = { type: 'vault.key.deletion_cancelled', vaultId, calls };
    const restored: AuditEvent = { type: 'vault.restored', vaultId, calls: report.calls, details };
    const event: [AuditEvent, AuditEvent] = [cancelled, restored];
    return { result, event };
  }
}

interface Restored {
  deleted: DeletedVaultRow;
  key: VaultKey;
  report: ProbeReport;
  name: string | undefined;
  calls: readonly KeyCall[];
}
