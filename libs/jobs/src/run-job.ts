import { setTimeout as delay } from 'node:timers/promises';
import { type RequestContext, theSystem } from '#access';
import type { EventType, Queries } from '#audit';
import { type Database, DatabaseError } from '#database';
import type { Job, JobProgress } from './job.js';
import { ForgedJob, JobError, JobFailed, JobPaused, LeaseLost } from './job-error.js';
import { JobLease } from './job-lease.js';
import { LEASE_STATEMENTS } from './job-store.js';
import { jobEnds } from './job-ends.js';
import { type Jobs, jobEvent } from './jobs.js';

/**
 * Does the jobs of one kind. `run` may be begun any number of times for one job, on any worker: it goes on from
 * `job.progress.position`, and commits what it does through `lease.commit` and not otherwise. It answers the job's result, throws
 * JobFailed when the job cannot be done and JobPaused when somebody must do something first, and lets everything else through: then
 * it is begun again.
 */
export interface JobHandler {
  readonly kind: string;
  run(ctx: RequestContext, job: Job, lease: JobLease): Promise<Readonly<Record<string, unknown>>>;
}

/** Workers in a row that took a job and were never heard of again, after which it is given up: it may be what they died of. */
const TAKES_MAX = 20;
/** Unexpected failures in a row, with nothing done between them, after which a job is given up. */
const FAILURES_MAX = 8;
const PAUSE_MS_MIN = 100;
const PAUSE_MS_MAX = 5_000;

export interface RunJobOptions {
  /** Told of each unexpected failure. */
  onFailure: (error: unknown, jobId: string) => void;
  pauseMs?: (failures: number) => number;
}

/** Runs jobs on this worker, each until it is done, given up, or somebody else's. */
export class RunJob {
  readonly #handlers: ReadonlyMap<string, JobHandler>;

  constructor(
    private readonly database: Database,
    private readonly jobs: Jobs,
    handlers: readonly JobHandler[],
    private readonly options: RunJobOptions,
  ) {
    this.#handlers = new Map(handlers.map((handler) => [handler.kind, handler]));
  }

  /**
   * `requestId` names this run in the trail. When `stop` is aborted the job is given back, so that another worker goes on at
   * once. Never throws: a job that cannot even be given back is found by those who look for jobs that nobody runs.
   */
  async run(workspaceId: string, jobId: string, requestId: string, stop: AbortSignal): Promise<void> {
    const ctx = theSystem(workspaceId, requestId, 'jobs');
    const streak = new Streak();
    while (!stop.aborted) {
      try {
        await this.#attempt(ctx, jobId, stop, streak);
        return;
      } catch (error) {
        this.options.onFailure(error, jobId);
        if (error instanceof ForgedJob) return;
        if (!(error instanceof DatabaseError)) streak.count(); // otherwise the database is away: no fault of the job
        await delay((this.options.pauseMs ?? pauseMs)(streak.failures), undefined, { signal: stop }).catch(() => undefined);
      }
    }
  }

  async #attempt(ctx: RequestContext, jobId: string, stop: AbortSignal, streak: Streak): Promise<void> {
    const handler = await this.#handlerOf(ctx, jobId);
    const job = handler && (await this.#take(ctx, jobId));
    if (!job) return;
    if (job.takes > TAKES_MAX) return this.#finish(ctx, job, { state: 'failed', result: {}, cause: 'workers_died' });
    const lease = new JobLease(this.database, ctx, job, stop);
    try {
      const result = await handler.run(ctx, job, lease);
      await this.#finish(ctx, job, { state: 'completed', result, cause: null });
    } catch (error) {
      streak.restartWhenMoved(lease.progress);
      if (error instanceof LeaseLost || lease.isLost) return;
      if (error instanceof JobFailed) await this.#finish(ctx, job, { state: 'failed', result: error.result, cause: error.reason });
      else if (error instanceof JobPaused) await this.#stop(ctx, job, { facts: error.facts, cause: error.reason });
      else if (stop.aborted) await this.#giveBack(ctx, job);
      else if (streak.isOver) await this.#giveUp(ctx, job, error);
      else throw error;
    } finally {
      lease.end();
    }
  }

  /** None for a kind that this version does not know: a newer worker will. */
  async #handlerOf(ctx: RequestContext, jobId: string): Promise<JobHandler | undefined> {
    try {
      const { kind } = await this.database.read(ctx, (tx) => this.jobs.find(tx, ctx.workspaceId, jobId));
      return this.#handlers.get(kind);
    } catch (error) {
      if (error instanceof JobError) return undefined;
      throw error;
    }
  }

  async #take(ctx: RequestContext, jobId: string): Promise<Job | undefined> {
    try {
      return await this.database.act(ctx, async (tx) => {
        const job = await this.jobs.take(tx, ctx.workspaceId, jobId);
        if (!job) throw new LeaseLost();
        return { result: job, event: jobEvent('job.started', job, { fence: job.fence }) };
      });
    } catch (error) {
      if (error instanceof LeaseLost) return undefined;
      throw error;
    }
  }

  async #finish(ctx: RequestContext, job: Job, end: Parameters<Jobs['finish']>[2]): Promise<void> {
    const type = end.state === 'completed' ? 'job.completed' : 'job.failed';
    const isFinished = await this.#unlessLost(ctx, type, (tx) => this.jobs.finish(tx, job, end));
    if (isFinished) jobEnds.tell({ kind: job.kind, state: end.state });
  }

  #stop(ctx: RequestContext, job: Job, why: Parameters<Jobs['stop']>[2]): Promise<boolean> {
    return this.#unlessLost(ctx, 'job.paused', (tx) => this.jobs.stop(tx, job, why));
  }

  /** Answers whether it was ours to change. */
  async #unlessLost(ctx: RequestContext, type: EventType, change: (tx: Queries) => Promise<Job | undefined>): Promise<boolean> {
    try {
      return await this.database.act(ctx, async (tx) => {
        const changed = await change(tx);
        if (!changed) throw new LeaseLost();
        return { result: true, event: jobEvent(type, changed) };
      });
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error;
      return false;
    }
  }

  async #giveUp(ctx: RequestContext, job: Job, error: unknown): Promise<void> {
    this.options.onFailure(error, job.jobId);
    await this.#finish(ctx, job, { state: 'failed', result: {}, cause: 'internal' });
  }

  async #giveBack(ctx: RequestContext, { jobId, fence }: Job): Promise<void> {
    await this.database.note(ctx, LEASE_STATEMENTS.giveBack, [jobId, fence]);
  }
}

/** How often in a row it went wrong with nothing done in between. */
class Streak {
  failures = 0;
  #movedTo = -1;

  get isOver(): boolean {
    return this.failures >= FAILURES_MAX;
  }

  count(): void {
    this.failures += 1;
  }

  restartWhenMoved({ done, failed }: JobProgress): void {
    if (done + failed > this.#movedTo && this.#movedTo >= 0) this.failures = 0;
    this.#movedTo = Math.max(this.#movedTo, done + failed);
  }
}

const pauseMs = (failures: number): number => Math.min(PAUSE_MS_MIN * 2 ** failures, PAUSE_MS_MAX);
