import type { RequestContext } from '#access';
import type { EventType, Queries } from '#audit';
import type { Database } from '#database';
import type { Job } from './job.js';
import { type JobView, jobView } from './job-view.js';
import { type Jobs, jobEvent } from './jobs.js';

/** What people do with jobs that are there. Each holds from the job's next batch on. Throws `job_not_found`, `job_state_conflict`. */
export class DirectJob {
  constructor(
    private readonly database: Database,
    private readonly jobs: Jobs,
  ) {}

  pause(ctx: RequestContext, jobId: string): Promise<JobView> {
    return this.#direct(ctx, 'job.paused', (tx) => this.jobs.pause(tx, jobId));
  }

  resume(ctx: RequestContext, jobId: string): Promise<JobView> {
    return this.#direct(ctx, 'job.resumed', (tx) => this.jobs.resume(tx, jobId));
  }

  cancel(ctx: RequestContext, jobId: string): Promise<JobView> {
    return this.#direct(ctx, 'job.cancelled', (tx) => this.jobs.cancel(tx, jobId));
  }

  #direct(ctx: RequestContext, type: EventType, change: (tx: Queries) => Promise<Job>): Promise<JobView> {
    return this.database.act(ctx, async (tx) => {
      const job = await change(tx);
      return { result: jobView(job), event: jobEvent(type, job) };
    });
  }
}
