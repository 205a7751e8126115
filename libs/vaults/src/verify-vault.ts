import { type RequestContext, besides } from '#access';
import type { AuditEvent, Queries } from '#audit';
import type { Database } from '#database';
import type { KeyStrategyCatalog, ProbeReport, VaultKey } from '#key-strategies';
import { reportView } from './create-vault.js';
import type { DataKeys } from './data-keys/data-keys.js';
import { findKnownHealth } from './health/find-known-health.js';
import { JUST_ASKED, type KnownHealth, judge, recordReport } from './health/record-report.js';
import { isRefusal } from './health/region-changes.js';
import { VaultError } from './vault-error.js';
import { type StoredVaultKey, findHoldingKeys } from './vault-key-store.js';
import type { VaultKeys } from './vault-keys.js';
import { type VaultKeyId, type VaultState, findVault, findVaultKeyState } from './vault-store.js';
import type { KeyReportView } from './vault-view.js';

interface Subject {
  key: VaultKey;
  known: KnownHealth;
}

/**
 * Checks a vault's key on demand, as registration did, and lets the vault serve again when the key does; while the vault moves to
 * another key, also those that hold data keys of it still.
 */
export class VerifyVault {
  constructor(
    private readonly database: Database,
    private readonly strategies: KeyStrategyCatalog,
    private readonly vaultKeys: VaultKeys,
    private readonly dataKeys: DataKeys,
  ) {}

  /** Answers what was found of the key that the vault has. */
  async run(ctx: RequestContext, vaultId: string): Promise<KeyReportView> {
    const { active, holding } = await this.database.read(ctx, (tx) => this.#subjects(tx, ctx, vaultId));
    const [view] = await Promise.all([this.#check(ctx, active), ...holding.map((subject) => this.#check(besides(ctx), subject))]);
    return view;
  }

  async #check(ctx: RequestContext, { key, known }: Subject): Promise<KeyReportView> {
    const report = await this.strategies.get(key.strategy).open(key, known.health).probe();
    if (isRefusal(report.health)) this.dataKeys.purge(ctx.workspaceId, key.vaultId);
    return this.database.act(ctx, (tx) => recorded(tx, key, known, report));
  }

  async #subjects(tx: Queries, { workspaceId }: RequestContext, vaultId: string): Promise<{ active: Subject; holding: Subject[] }> {
    const vault = await findVault(tx, vaultId);
    if (!vault) throw new VaultError('vault_not_found');
    const { active_vault_key_id: vaultKeyId, strategy, vault_key_config: config, vault_key_mac: mac } = vault;
    const subjectOf = async (row: Omit<StoredVaultKey, 'key_health'>, state: VaultState): Promise<Subject> => {
      const id = { workspaceId, vaultId, vaultKeyId: row.vault_key_id, strategy: row.strategy };
      return { key: this.vaultKeys.open(id, row.config, row.mac), known: await findKnownHealth(tx, id, state) };
    };
    const active = await subjectOf({ vault_key_id: vaultKeyId, strategy, config, mac }, vault);
    const holding: Subject[] = [];
    for (const row of await findHoldingKeys(tx, vaultId)) {
      const state = await findVaultKeyState(tx, { vaultId, vaultKeyId: row.vault_key_id });
      if (state) holding.push(await subjectOf(row, state));
    }
    return { active, holding };
  }
}

async function recorded(tx: Queries, key: VaultKeyId, known: KnownHealth, report: ProbeReport) {
  const judgement = judge(key, known, report, new Date());
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
