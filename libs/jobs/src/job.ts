/** What can run in the background. Closed; each has a handler in the worker. */
export const JOB_KINDS = ['drill.region', 'drill.revocation', 'items.move', 'vault.evacuation', 'vault.rekey'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

export const JOB_STATES = ['queued', 'running', 'paused', 'completed', 'failed', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** Who asked for it, as the trail names them. */
export interface JobRequester {
  kind: string;
  id: string;
  name: string;
}

/** Plain JSON objects: ids and choices, never a secret. */
export type JobParams = Readonly<Record<string, unknown>>;

/** How far it is. `total` may become known on the way. */
export interface JobProgress {
  total?: number | undefined;
  done: number;
  failed: number;
  /** Where the next batch begins, in the words of the handler; comes back after a crash exactly as committed. */
  position?: unknown;
}

export interface Job {
  jobId: string;
  kind: string;
  vaultId: string | null;
  params: JobParams;
  requestedBy: JobRequester;
  state: JobState;
  progress: JobProgress;
  /** How often it was taken. */
  fence: string;
  /** How often in a row without a sign of whoever took it. */
  takes: number;
  result: Readonly<Record<string, unknown>> | null;
  cause: string | null;
  createdAt: Date;
  startedAt: Date | null;
  updatedAt: Date;
  finishedAt: Date | null;
}
