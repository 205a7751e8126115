import type { RequestContext } from '#access';
import type { AuditEvent, Queries } from '#audit';
import type { Database } from '#database';
import type { KeyHealth, KeyStrategyCatalog, ProbeReport } from '#key-strategies';
import { reportView } from './create-vault.js';
import type { DataKeys } from './data-keys/data-keys.js';
import { healthChanged } from './record-refusal.js';
import { VaultError } from './vault-error.js';
import type { VaultKeys } from './vault-keys.js';
import { type HealthFinding, type VaultKeyId, findVault, findVaultKeyState, setKeyHealth } from './vault-store.js';
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
    if (isRefusal(report.health)) this.dataKeys.purge(ctx.workspaceId, vaultId);
    return this.database.act(ctx, (tx) => recorded(tx, id, row.key_health, report));
  }
}

/** The report as it stands on record: what the owner decided while the key was being checked is not overwritten by the check. */
async function recorded(tx: Queries, key: VaultKeyId, before: KeyHealth, report: ProbeReport) {
  const { vaultId } = key;
  const { ok, health, calls } = report;
  const isSet = isNews(report, before) && (await setHealth(tx, key, before, report));
  const standing = isSet ? health : ((await findVaultKeyState(tx, key))?.key_health ?? health);
  const checked: AuditEvent = {
    type: ok ? 'vault.key.validated' : 'vault.key.validation_failed',
    vaultId,
    calls,
    details: { health: standing, failed: report.checks.filter((check) => !check.ok) },
  };
  const event: AuditEvent | [AuditEvent, AuditEvent] =
    isSet && health !== before ? [checked, healthChanged(vaultId, before, findingOf(report))] : checked;
  return { result: reportView({ ...report, health: standing }), event };
}

function isNews({ health, decisive }: ProbeReport, before: KeyHealth): boolean {
  return health !== before || decisive !== undefined;
}

/** Answers whether the report's health is the vault's now: a refusal always, anything else only in the place of what was known. */
function setHealth(tx: Queries, key: VaultKeyId, before: KeyHealth, report: ProbeReport): Promise<boolean> {
  return setKeyHealth(tx, key, findingOf(report), isRefusal(report.health) ? undefined : before);
}

function findingOf({ health, decisive }: ProbeReport): HealthFinding {
  const { cause, region, awsError, awsRequestId } = decisive ?? {};
  return { health, cause, region, awsError, awsRequestId };
}

function isRefusal(health: KeyHealth): boolean {
  return health === 'refused' || health === 'pending_deletion';
}
