import type { Job, JobKind } from '#jobs';

/** What can be drilled, and the jobs that do it. */
export const DRILL_JOBS = { revocation: 'drill.revocation', region: 'drill.region' } as const satisfies Record<string, JobKind>;
export type DrillKind = keyof typeof DRILL_JOBS;

export const DRILL_JOB_KINDS: readonly string[] = Object.values(DRILL_JOBS);

export function drillKindOf({ kind }: Pick<Job, 'kind'>): DrillKind | undefined {
  return (Object.keys(DRILL_JOBS) as DrillKind[]).find((drill) => DRILL_JOBS[drill] === kind);
}

/** What a revocation drill works with. */
export interface RevocationParams {
  /** A compact JWE of random bytes, sealed in the vault like anything else. */
  canary: string;
  timeLimitSeconds: number;
  /** As the vault is set when the drill begins. */
  dataKeyCacheSeconds: number;
}
