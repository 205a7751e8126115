import type { Job, JobState } from '#jobs';
import type { StoredVault, VaultViews } from '#vaults';
import { type DrillKind, type RevocationParams, drillKindOf } from './drill-kinds.js';
import { type Guide, guideOf } from './guide.js';
import type { RegionReport } from './region-report.js';
import { type Between, type RevocationCourse, type RevocationStep, courseFrom } from './revocation-course.js';
import type { RevocationReport } from './revocation-report.js';

/** What a Region was last seen to say about its key. */
export interface DrillRegionView {
  region: string;
  says: 'usable' | 'refused' | 'silent';
  cause: string | null;
  withdrawnBy: string | null;
  returnedBy: string | null;
}

/** A drill as people see it. Times are RFC 3339. */
export interface DrillView {
  id: string;
  kind: DrillKind;
  vaultId: string;
  state: JobState;
  /** Why it failed. */
  cause: string | null;
  /** Of a revocation drill: where it is, and what to do now. */
  step: RevocationStep | null;
  guide: Guide | null;
  regions: DrillRegionView[];
  /** When unsealing was first refused. */
  cutOffBy: string | null;
  startedBy: { kind: string; id: string; name: string };
  createdAt: string;
  /** A drill that is not over by then fails. */
  expiresAt: string | null;
  finishedAt: string | null;
  revocationReport: RevocationReport | null;
  regionReport: RegionReport | null;
}

const OPEN: ReadonlySet<JobState> = new Set(['queued', 'running', 'paused']);

export class DrillViews {
  constructor(private readonly vaults: VaultViews) {}

  of(workspaceId: string, vault: StoredVault, job: Job): DrillView {
    const kind = drillKindOf(job);
    if (!kind) throw new Error('a job that is no drill');
    return {
      id: job.jobId,
      kind,
      vaultId: vault.vault_id,
      state: job.state,
      cause: job.cause,
      ...(kind === 'revocation' ? this.#revocation(workspaceId, vault, job) : NO_COURSE),
      startedBy: job.requestedBy,
      createdAt: job.createdAt.toISOString(),
      finishedAt: job.finishedAt?.toISOString() ?? null,
      revocationReport: kind === 'revocation' && job.state === 'completed' ? (job.result as RevocationReport | null) : null,
      regionReport: kind === 'region' ? (job.result as RegionReport | null) : null,
    };
  }

  #revocation(workspaceId: string, vault: StoredVault, job: Job): Pick<DrillView, keyof typeof NO_COURSE> {
    const { main, replica } = this.vaults.of(workspaceId, vault).awsKms?.keyArns ?? {};
    const { step, regions, cutOff } = (job.progress.position as RevocationCourse | undefined) ?? courseFrom(job.createdAt.getTime());
    const { timeLimitSeconds } = job.params as unknown as RevocationParams;
    return {
      step,
      guide: OPEN.has(job.state)
        ? guideOf(
            step,
            [main, replica].filter((arn) => arn !== undefined),
          )
        : null,
      regions: Object.entries(regions).map(([region, { says, cause, withdrawn, returned }]) => ({
        region,
        says,
        cause: cause ?? null,
        withdrawnBy: byOf(withdrawn),
        returnedBy: byOf(returned),
      })),
      cutOffBy: byOf(cutOff),
      expiresAt: new Date(job.createdAt.getTime() + timeLimitSeconds * 1_000).toISOString(),
    };
  }
}

const NO_COURSE = { step: null, guide: null, regions: [], cutOffBy: null, expiresAt: null };

const byOf = (between: Between | undefined): string | null => (between ? new Date(between.by).toISOString() : null);
