import { randomUUIDv7 } from 'node:crypto';
import { type RequestContext, type RowField, type RowMacs } from '#access';
import type { AuditEvent, Queries } from '#audit';
import type { Job, JobKind, JobParams, JobRequester } from './job.js';
import { ForgedJob, JobError } from './job-error.js';
import {
  type JobFilter,
  type StoredJob,
  enqueueJob,
  enqueueWaitingJob,
  findStoredJob,
  finishStoredJob,
  insertJob,
  listStoredJobs,
  setJobState,
  stopStoredJob,
  takeStoredJob,
} from './job-store.js';

export interface JobOrder {
  kind: JobKind;
  vaultId?: string;
  params: JobParams;
  total?: number;
}

/**
 * What runs in the background, as it stands in `jobs`. A MAC covers what a job may do and for whom: who can write to the database
 * cannot have the worker do something in another's name.
 */
export class Jobs {
  constructor(private readonly macs: RowMacs) {}

  /** In the caller's act, whose event says what was asked for; `created` is the job's own. Runs once that act is committed. */
  async create(tx: Queries, ctx: RequestContext, order: JobOrder): Promise<{ job: Job; created: AuditEvent }> {
    const { kind, vaultId = null, total } = order;
    const { principal } = ctx;
    const requestedBy: JobRequester = { kind: principal.kind, id: principal.id, name: principal.name };
    const jobId = randomUUIDv7();
    const params = JSON.stringify(order.params);
    const mac = this.macs.of(
      'job',
      fieldsOf(ctx.workspaceId, { job_id: jobId, kind, vault_id: vaultId, params, requested_by: requestedBy }),
    );
    const [row] = await insertJob(tx, { jobId, kind, vaultId, params, requestedBy: JSON.stringify(requestedBy), mac, total });
    if (!row) throw new Error('a job that was just made is not there');
    await enqueueJob(tx, jobId);
    const job = this.#open(ctx.workspaceId, row);
    return { job, created: jobEvent('job.created', job) };
  }

  /** Throws `job_not_found`, and ForgedJob. */
  async find(tx: Queries, workspaceId: string, jobId: string): Promise<Job> {
    const row = await findStoredJob(tx, jobId);
    if (!row) throw new JobError('job_not_found');
    return this.#open(workspaceId, row);
  }

  /** As they stand there: none is done by being listed. */
  async list(tx: Queries, filter: JobFilter, limit: number, before?: string): Promise<Job[]> {
    return (await listStoredJobs(tx, filter, limit, before)).map(jobOf);
  }

  /** From its next batch on nothing is done until it is resumed. Throws `job_state_conflict`. */
  pause(tx: Queries, jobId: string): Promise<Job> {
    return this.#change(tx, jobId, ['queued', 'running'], 'paused');
  }

  /** Throws `job_state_conflict`. */
  async resume(tx: Queries, jobId: string): Promise<Job> {
    const job = await this.#change(tx, jobId, ['paused'], 'queued');
    await enqueueJob(tx, jobId);
    return job;
  }

  /** What is done stays done; nothing more is. Throws `job_state_conflict`. */
  cancel(tx: Queries, jobId: string): Promise<Job> {
    return this.#change(tx, jobId, ['queued', 'running', 'paused'], 'cancelled');
  }

  /** Makes the caller the one worker that may write for this job; undefined when there is nothing to do. Throws ForgedJob. */
  async take(tx: Queries, workspaceId: string, jobId: string): Promise<Job | undefined> {
    const row = await takeStoredJob(tx, jobId);
    return row && this.#open(workspaceId, row);
  }

  /** Undefined when the job is somebody else's now. */
  async finish(tx: Queries, { jobId, fence }: Job, end: Parameters<typeof finishStoredJob>[3]): Promise<Job | undefined> {
    const row = await finishStoredJob(tx, jobId, fence, end);
    if (row) await enqueueWaitingJob(tx);
    return row && jobOf(row);
  }

  /** By itself, until somebody resumes it. Undefined when the job is somebody else's now. */
  async stop(tx: Queries, { jobId, fence }: Job, why: Parameters<typeof stopStoredJob>[3]): Promise<Job | undefined> {
    const row = await stopStoredJob(tx, jobId, fence, why);
    if (row) await enqueueWaitingJob(tx);
    return row && jobOf(row);
  }

  async #change(tx: Queries, jobId: string, from: readonly Job['state'][], to: Job['state']): Promise<Job> {
    const row = await setJobState(tx, jobId, from, to);
    if (row) {
      await enqueueWaitingJob(tx);
      return jobOf(row);
    }
    throw new JobError((await findStoredJob(tx, jobId)) ? 'job_state_conflict' : 'job_not_found');
  }

  #open(workspaceId: string, row: StoredJob): Job {
    if (!this.macs.isOurs('job', fieldsOf(workspaceId, row), row.mac)) throw new ForgedJob();
    return jobOf(row);
  }
}

/** Tells of a job in the trail. */
export function jobEvent(type: AuditEvent['type'], job: Job, more: Readonly<Record<string, unknown>> = {}): AuditEvent {
  const { jobId, kind, vaultId, progress, cause, result } = job;
  const { total, done, failed } = progress;
  const ending = { ...(cause !== null && { cause }), ...(result && { result }) };
  return { type, ...(vaultId !== null && { vaultId }), details: { jobId, kind, total, done, failed, ...ending, ...more } };
}

type Deciding = Pick<StoredJob, 'job_id' | 'kind' | 'vault_id' | 'params' | 'requested_by'>;

/** All that decides what is done, where, and in whose name. */
function fieldsOf(workspaceId: string, { job_id, kind, vault_id, params, requested_by: by }: Deciding): RowField[] {
  return [workspaceId, job_id, kind, vault_id, params, by.kind, by.id, by.name];
}

function jobOf(row: StoredJob): Job {
  const { total, done, failed, position } = row;
  return {
    jobId: row.job_id,
    kind: row.kind,
    vaultId: row.vault_id,
    params: JSON.parse(row.params) as Job['params'],
    requestedBy: row.requested_by,
    state: row.state,
    progress: { total: total ?? undefined, done, failed, position: position ?? undefined },
    fence: row.fence,
    takes: row.takes,
    result: row.result,
    cause: row.cause,
    createdAt: row.created_at,
    startedAt: row.started_at,
    updatedAt: row.updated_at,
    finishedAt: row.finished_at,
  };
}
