import type { Queries, Statement } from '#audit';
import type { JobProgress, JobState } from './job.js';

export interface StoredJob {
  job_id: string;
  kind: string;
  vault_id: string | null;
  params: string;
  requested_by: { kind: string; id: string; name: string };
  mac: Buffer;
  state: JobState;
  fence: string;
  takes: number;
  total: number | null;
  done: number;
  failed: number;
  position: unknown;
  result: Record<string, unknown> | null;
  cause: string | null;
  created_at: Date;
  started_at: Date | null;
  updated_at: Date;
  finished_at: Date | null;
}

const COLUMNS = `job_id, kind, vault_id, params, requested_by, mac, state, fence, takes, total, done, failed, position, result, cause,
  created_at, started_at, updated_at, finished_at`;

const INSERT: Statement = {
  name: 'job-insert',
  text: `INSERT INTO jobs (workspace_id, job_id, kind, vault_id, params, requested_by, mac, total)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING ${COLUMNS}`,
};

const FIND: Statement = { name: 'job-find', text: `SELECT ${COLUMNS} FROM jobs WHERE workspace_id = $1 AND job_id = $2` };

const LIST: Statement = {
  name: 'job-list',
  text: `SELECT ${COLUMNS} FROM jobs WHERE workspace_id = $1
      AND ($2::text[] IS NULL OR kind = ANY ($2)) AND ($3::text IS NULL OR state = $3) AND ($4::uuid IS NULL OR vault_id = $4)
      AND ($5::uuid IS NULL OR job_id < $5)
    ORDER BY job_id DESC LIMIT $6`,
};

const SET_STATE: Statement = {
  name: 'job-set-state',
  text: `UPDATE jobs SET state = $4, takes = 0, updated_at = clock_timestamp(), finished_at = CASE WHEN $5 THEN clock_timestamp() END,
      cause = CASE WHEN $4 = 'queued' THEN NULL ELSE cause END, result = CASE WHEN $4 = 'queued' THEN NULL ELSE result END
    WHERE workspace_id = $1 AND job_id = $2 AND state = ANY ($3) RETURNING ${COLUMNS}`,
};

/** Half of what a worker does at once where nobody set it otherwise: jobs of one workspace that last leave room for those of others. */
const RUNNING_MAX = 4;

const TAKE: Statement = {
  name: 'job-take',
  text: `UPDATE jobs SET state = 'running', fence = fence + 1, takes = takes + 1, updated_at = clock_timestamp(), started_at = coalesce(started_at, clock_timestamp())
    WHERE workspace_id = $1 AND job_id = $2 AND (state = 'running'
      OR state = 'queued' AND (SELECT count(*) FROM jobs o WHERE o.workspace_id = $1 AND o.state = 'running') < ${RUNNING_MAX})
    RETURNING ${COLUMNS}`,
};

/** Locks the row until the commit: nobody takes or pauses the job between this and the end of the batch. */
const HOLD: Statement = {
  name: 'job-hold',
  text: `UPDATE jobs SET updated_at = clock_timestamp(), takes = 0 WHERE workspace_id = $1 AND job_id = $2 AND fence = $3 AND state = 'running' RETURNING 1`,
};

const PROGRESS: Statement = {
  name: 'job-progress',
  text: `UPDATE jobs SET total = coalesce($4, total), done = $5, failed = $6, position = $7, takes = 0, updated_at = clock_timestamp()
    WHERE workspace_id = $1 AND job_id = $2 AND fence = $3 AND state = 'running' RETURNING 1`,
};

const FINISH: Statement = {
  name: 'job-finish',
  text: `UPDATE jobs SET state = $4, result = $5, cause = $6, updated_at = clock_timestamp(), finished_at = clock_timestamp()
    WHERE workspace_id = $1 AND job_id = $2 AND fence = $3 AND state = 'running' RETURNING ${COLUMNS}`,
};

const STOP: Statement = {
  name: 'job-stop',
  text: `UPDATE jobs SET state = 'paused', result = $4, cause = $5, updated_at = clock_timestamp()
    WHERE workspace_id = $1 AND job_id = $2 AND fence = $3 AND state = 'running' RETURNING ${COLUMNS}`,
};

const GIVE_BACK: Statement = {
  name: 'job-give-back',
  text: `UPDATE jobs SET state = 'queued', takes = 0, updated_at = clock_timestamp()
    WHERE workspace_id = $1 AND job_id = $2 AND fence = $3 AND state = 'running' RETURNING enqueue_task('run-job', job_id)`,
};

const ENQUEUE: Statement = { name: 'job-enqueue', text: `SELECT enqueue_task('run-job', $2) WHERE $1::uuid IS NOT NULL` };

const ENQUEUE_WAITING: Statement = {
  name: 'job-enqueue-waiting',
  text: `SELECT enqueue_task('run-job', job_id) FROM (
      SELECT job_id FROM jobs WHERE workspace_id = $1 AND state = 'queued' ORDER BY job_id LIMIT 1) AS waiting`,
};

/** The statements that a worker sends besides any act: it is still there, and it lets go. */
export const LEASE_STATEMENTS = { hold: HOLD, progress: PROGRESS, giveBack: GIVE_BACK } as const;

export interface JobFilter {
  /** Of any of these kinds. */
  kinds?: readonly string[] | undefined;
  state?: JobState | undefined;
  vaultId?: string | undefined;
}

export interface NewJob {
  jobId: string;
  kind: string;
  vaultId: string | null;
  params: string;
  requestedBy: string;
  mac: Buffer;
  total: number | undefined;
}

export const insertJob = (tx: Queries, job: NewJob): Promise<StoredJob[]> =>
  tx.query<StoredJob>(INSERT, [job.jobId, job.kind, job.vaultId, job.params, job.requestedBy, job.mac, job.total]);

export const findStoredJob = async (tx: Queries, jobId: string): Promise<StoredJob | undefined> =>
  (await tx.query<StoredJob>(FIND, [jobId]))[0];

/** Newest first. */
export const listStoredJobs = (tx: Queries, { kinds, state, vaultId }: JobFilter, limit: number, before?: string): Promise<StoredJob[]> =>
  tx.query<StoredJob>(LIST, [kinds, state, vaultId, before, limit]);

/** Undefined when the job is in none of the states `from`. */
export const setJobState = async (tx: Queries, jobId: string, from: readonly JobState[], to: JobState): Promise<StoredJob | undefined> =>
  (await tx.query<StoredJob>(SET_STATE, [jobId, from, to, to === 'cancelled']))[0];

/** Undefined when there is nothing to do, or not now: for as long as the workspace has its share of jobs under way. */
export const takeStoredJob = async (tx: Queries, jobId: string): Promise<StoredJob | undefined> =>
  (await tx.query<StoredJob>(TAKE, [jobId]))[0];

export const isHeld = async (tx: Queries, jobId: string, fence: string): Promise<boolean> =>
  (await tx.query(HOLD, [jobId, fence])).length === 1;

export const setProgress = (tx: Queries, jobId: string, fence: string, progress: JobProgress): Promise<unknown> =>
  tx.query(PROGRESS, progressValues(jobId, fence, progress));

export const progressValues = (jobId: string, fence: string, { total, done, failed, position }: JobProgress): unknown[] => [
  jobId,
  fence,
  total,
  done,
  failed,
  position === undefined ? null : JSON.stringify(position),
];

export const finishStoredJob = async (
  tx: Queries,
  jobId: string,
  fence: string,
  end: { state: 'completed' | 'failed'; result: Readonly<Record<string, unknown>>; cause: string | null },
): Promise<StoredJob | undefined> =>
  (await tx.query<StoredJob>(FINISH, [jobId, fence, end.state, JSON.stringify(end.result), end.cause]))[0];

/** Until somebody resumes it. */
export const stopStoredJob = async (
  tx: Queries,
  jobId: string,
  fence: string,
  why: { facts: Readonly<Record<string, unknown>>; cause: string },
): Promise<StoredJob | undefined> => (await tx.query<StoredJob>(STOP, [jobId, fence, JSON.stringify(why.facts), why.cause]))[0];

/** In the transaction that made the job, or let it go on: a job that is not committed is never begun. */
export const enqueueJob = (tx: Queries, jobId: string): Promise<unknown> => tx.query(ENQUEUE, [jobId]);

/** When a job of the workspace comes to rest: the one that waits longest is looked at again. */
export const enqueueWaitingJob = (tx: Queries): Promise<unknown> => tx.query(ENQUEUE_WAITING);
