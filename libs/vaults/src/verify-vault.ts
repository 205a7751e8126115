import type { RequestContext } from '#access';
import type { AuditEvent } from '#audit';
import type { Database } from '#database';
import type { KeyStrategyCatalog } from '#key-strategies';
import { reportView } from './create-vault.js';
import type { DataKeys } from './data-keys/data-keys.js';
import { recordHealth } from './record-refusal.js';
import { VaultError } from './vault-error.js';
import type { VaultKeys } from './vault-keys.js';
import { findVault } from './vault-store.js';
import type { KeyReportView } from './vault-view.js';

/** Checks a vault's key on demand, as registration did, and lets the vault serve again when the key does. */
export class VerifyVault {
  constructor(
    private readonly database: Database,
    private readonly strategies: KeyStrategyCatalog,
    private readonly vaultKeys: VaultKeys,
    private readonly dataKeys: DataKeys,
  ) {}

  async run(ctx: RequestContext, vaultId: string): Promise<KeyReportView> {
    const row = await this.database.read(ctx, (tx) => findVault(tx, vaultId));
    if (!row) throw new VaultError('vault_not_found');
    const id = { workspaceId: ctx.workspaceId, vaultId, vaultKeyId: row.active_vault_key_id, strategy: row.strategy };
    const key = this.vaultKeys.open(id, row.vault_key_config, row.vault_key_mac);
    const report = await this.strategies.get(row.strategy).open(key, row.key_health).probe();
    if (report.health === 'refused' || report.health === 'pending_deletion') this.dataKeys.purge(ctx.workspaceId, vaultId);
    const failed = report.checks.filter((check) => !check.ok);
    const { cause, region, awsError, awsRequestId } = failed[0] ?? {};
    const checked: AuditEvent = {
      type: report.ok ? 'vault.key.validated' : 'vault.key.validation_failed',
      vaultId,
      calls: report.calls,
      details: { health: report.health, failed },
    };
    return this.database.act(ctx, async (tx) => {
      const { event } = await recordHealth(tx, vaultId, { health: report.health, cause, region, awsError, awsRequestId });
      return { result: reportView(report), event: row.key_health === report.health ? checked : [checked, event] };
    });
  }
}
