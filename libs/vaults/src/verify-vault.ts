import type { RequestContext } from '#access';
import type { AuditEvent, Queries } from '#audit';
import type { Database } from '#database';
import type { KeyStrategyCatalog, ProbeReport } from '#key-strategies';
import { reportView } from './create-vault.js';
import type { DataKeys } from './data-keys/data-keys.js';
import { findKnownHealth } from './health/find-known-health.js';
import { JUST_ASKED, type KnownHealth, judge, recordReport } from './health/record-report.js';
import { isRefusal } from './health/region-changes.js';
import { VaultError } from './vault-error.js';
import type { VaultKeys } from './vault-keys.js';
import { type VaultKeyId, findVault } from './vault-store.js';
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
    const { row, known } = await this.database.read(ctx, (tx) => whatIsKnown(tx, vaultId));
    const id = { workspaceId: ctx.workspaceId, vaultId, vaultKeyId: row.active_vault_key_id, strategy: row.strategy };
    const key = this.vaultKeys.open(id, row.vault_key_config, row.vault_key_mac);
    const report = await this.strategies.get(row.strategy).open(key, row.key_health).probe();
    if (isRefusal(report.health)) this.dataKeys.purge(ctx.workspaceId, vaultId);
    return this.database.act(ctx, (tx) => recorded(tx, id, known, report));
  }
}

async function whatIsKnown(tx: Queries, vaultId: string) {
  const row = await findVault(tx, vaultId);
  if (!row) throw new VaultError('vault_not_found');
  return { row, known: await findKnownHealth(tx, { vaultId, vaultKeyId: row.active_vault_key_id }, row) };
}

async function recorded(tx: Queries, key: VaultKeyId, known: KnownHealth, report: ProbeReport) {
  const judgement = judge(key.vaultId, known, report, new Date());
  const { standing, events } = await recordReport(tx, key, known, report, judgement, {
    ...JUST_ASKED,
    ...(!judgement.isExternalIdKnown && { nextExternalIdSeconds: undefined }),
  });
  const checked: AuditEvent = {
    type: report.ok ? 'vault.key.validated' : 'vault.key.validation_failed',
    vaultId: key.vaultId,
    calls: report.calls,
    details: { health: standing, failed: report.checks.filter((check) => !check.ok) },
  };
  const event: [AuditEvent, ...AuditEvent[]] = [checked, ...events];
  return { result: reportView({ ...report, health: standing }), event };
}
