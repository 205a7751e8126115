import type { RequestContext } from '#access';
import type { AuditEvent, Queries } from '#audit';
import type { Database } from '#database';
import { type Job, JobError, type Jobs, jobEvent } from '#jobs';
import { type StoredVault, VaultError, findVault } from '#vaults';
import { DrillError } from './drill-error.js';
import { DRILL_JOB_KINDS } from './drill-kinds.js';
import type { DrillView, DrillViews } from './drill-view.js';

/** The drills of a vault, which are jobs. Throws `vault_not_found` and `drill_not_found`. */
export class Drills {
  constructor(
    private readonly database: Database,
    private readonly jobs: Jobs,
    private readonly views: DrillViews,
  ) {}

  /** Newest first. */
  list(ctx: RequestContext, vaultId: string, limit: number, before?: string): Promise<DrillView[]> {
    return this.database.read(ctx, async (tx) => {
      const vault = await requireVault(tx, vaultId);
      const jobs = await this.jobs.list(tx, { kinds: DRILL_JOB_KINDS, vaultId }, limit, before);
      return jobs.map((job) => this.views.of(ctx.workspaceId, vault, job));
    });
  }

  get(ctx: RequestContext, vaultId: string, drillId: string): Promise<DrillView> {
    return this.database.read(ctx, async (tx) => {
      const vault = await requireVault(tx, vaultId);
      return this.views.of(ctx.workspaceId, vault, await this.#find(tx, ctx, vaultId, drillId));
    });
  }

  /** Ends it without a report. Throws `drill_is_over`. */
  cancel(ctx: RequestContext, vaultId: string, drillId: string): Promise<DrillView> {
    return this.database.act(ctx, async (tx) => {
      const vault = await requireVault(tx, vaultId);
      const job = await this.#cancelled(tx, await this.#find(tx, ctx, vaultId, drillId));
      const cancelled: AuditEvent = { type: 'drill.cancelled', vaultId, details: { drillId } };
      return { result: this.views.of(ctx.workspaceId, vault, job), event: [cancelled, jobEvent('job.cancelled', job)] };
    });
  }

  async #cancelled(tx: Queries, { jobId }: Job): Promise<Job> {
    try {
      return await this.jobs.cancel(tx, jobId);
    } catch (error) {
      throw error instanceof JobError && error.code === 'job_state_conflict' ? new DrillError('drill_is_over') : error;
    }
  }

  async #find(tx: Queries, { workspaceId }: RequestContext, vaultId: string, drillId: string): Promise<Job> {
    try {
      const job = await this.jobs.find(tx, workspaceId, drillId);
      if (job.vaultId === vaultId && DRILL_JOB_KINDS.includes(job.kind)) return job;
    } catch (error) {
      if (!(error instanceof JobError)) throw error;
    }
    throw new DrillError('drill_not_found');
  }
}

async function requireVault(tx: Queries, vaultId: string): Promise<StoredVault> {
  const vault = await findVault(tx, vaultId);
  if (!vault) throw new VaultError('vault_not_found');
  return vault;
}
