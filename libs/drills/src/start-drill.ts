import type { RequestContext } from '#access';
import type { AuditEvent } from '#audit';
import { type Acted, type Database, isUniqueViolation } from '#database';
import type { JobParams, Jobs } from '#jobs';
import type { KeyStrategyCatalog } from '#key-strategies';
import { type DataKeys, type SealedUnder, type StoredVault, VaultError, findVault, insertDataKey, metVaultDeletion, permit } from '#vaults';
import { sealCanary } from './canary.js';
import { DrillError } from './drill-error.js';
import { DRILL_JOBS, type DrillKind, type RevocationParams } from './drill-kinds.js';
import type { DrillView, DrillViews } from './drill-view.js';

/** Starts drills of a vault, one at a time. Throws `drill_not_possible`, `drill_under_way`, and what stands against sealing. */
export class StartDrill {
  constructor(
    private readonly database: Database,
    private readonly jobs: Jobs,
    private readonly dataKeys: DataKeys,
    private readonly strategies: KeyStrategyCatalog,
    private readonly views: DrillViews,
  ) {}

  /** The vault's key must work now: a canary is sealed with it, which the drill unseals until it cannot any more. */
  async revocation(ctx: RequestContext, vaultId: string, timeLimitSeconds: number): Promise<DrillView> {
    const vault = await this.#drillable(ctx, vaultId);
    const { workspaceId } = ctx;
    const sealed = await this.dataKeys.forSealing(ctx, vault, 1, (key, dataKeyId) => sealCanary(key, { workspaceId, vaultId, dataKeyId }));
    const dataKeyCacheSeconds = vault.data_key_cache_seconds;
    const params = { canary: sealed.result, timeLimitSeconds, dataKeyCacheSeconds } satisfies RevocationParams;
    return this.#start(ctx, vault, 'revocation', params, sealed);
  }

  async region(ctx: RequestContext, vaultId: string): Promise<DrillView> {
    return this.#start(ctx, await this.#drillable(ctx, vaultId), 'region', {});
  }

  async #drillable(ctx: RequestContext, vaultId: string): Promise<StoredVault> {
    const vault = await this.database.read(ctx, (tx) => findVault(tx, vaultId));
    if (!vault) throw new VaultError('vault_not_found');
    if (!this.strategies.get(vault.strategy).inRegions) throw new DrillError('drill_not_possible');
    permit('seal', vault);
    return vault;
  }

  async #start(
    ctx: RequestContext,
    vault: StoredVault,
    kind: DrillKind,
    params: JobParams,
    sealed?: SealedUnder<string>,
  ): Promise<DrillView> {
    const vaultId = vault.vault_id;
    try {
      return await this.database.act(ctx, async (tx): Promise<Acted<DrillView>> => {
        if (sealed) await insertDataKey(tx, sealed.dataKey);
        const { job, created } = await this.jobs.create(tx, ctx, { kind: DRILL_JOBS[kind], vaultId, params });
        const started: AuditEvent = { type: 'drill.started', vaultId, ...sealed?.use, details: { drillId: job.jobId, kind } };
        return { result: this.views.of(ctx.workspaceId, vault, job), event: [created, started], committed: () => sealed?.committed() };
      });
    } catch (error) {
      if (isUniqueViolation(error, 'jobs_one_drill')) throw new DrillError('drill_under_way');
      if (metVaultDeletion(error)) throw new VaultError('vault_not_found');
      throw error;
    }
  }
}
