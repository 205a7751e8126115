import type { Job, JobState } from './job.js';

/** A job as people see it. */
export interface JobView {
  id: string;
  kind: string;
  state: JobState;
  vaultId: string | null;
  params: Readonly<Record<string, unknown>>;
  requestedBy: { kind: string; id: string; name: string };
  /** Parts: how many there are, once that is known, how many are done, and how many could not be. */
  progress: { total: number | null; done: number; failed: number };
  /** What came of it, or what keeps it from going on; its shape depends on the kind. */
  result: Readonly<Record<string, unknown>> | null;
  /** Why it failed, or paused by itself. */
  cause: string | null;
  createdAt: string;
  startedAt: string | null;
  updatedAt: string;
  finishedAt: string | null;
}

export function jobView(job: Job): JobView {
  const { jobId: id, kind, state, vaultId, params, requestedBy, result, cause } = job;
  const { total = null, done, failed } = job.progress;
  return {
    id,
    kind,
    state,
    vaultId,
    params,
    requestedBy,
    progress: { total, done, failed },
    result,
    cause,
    createdAt: job.createdAt.toISOString(),
    startedAt: job.startedAt?.toISOString() ?? null,
    updatedAt: job.updatedAt.toISOString(),
    finishedAt: job.finishedAt?.toISOString() ?? null,
  };
}
