import type { RequestContext } from '#access';
import type { AuditEvents, Queries } from '#audit';
import type { Database } from '#database';
import type { Job, JobProgress } from './job.js';
import { LeaseLost } from './job-error.js';
import { LEASE_STATEMENTS, isHeld, progressValues, setProgress } from './job-store.js';

/** What one batch has done. */
export interface Batch {
  progress: JobProgress;
  event: AuditEvents;
}

const RENEW_MS = 5_000;

/** A worker's right to write for a job, for as long as nobody else has taken, paused or cancelled it. */
export class JobLease {
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;
  /** As it was committed last. */
  progress: JobProgress;

  constructor(
    private readonly database: Database,
    private readonly ctx: RequestContext,
    private readonly job: Pick<Job, 'jobId' | 'fence' | 'progress'>,
    /** When this worker is to stop. */
    private readonly stop: AbortSignal,
    renewMs = RENEW_MS,
  ) {
    this.progress = job.progress;
    this.#timer = setInterval(() => void this.#renew(), renewMs).unref();
  }

  /** Aborted when the job is somebody else's, or this worker is to stop: for calls that take long. Look at it between batches. */
  get signal(): AbortSignal {
    return AbortSignal.any([this.#lost.signal, this.stop]);
  }

  /** Whether it is known that the job is somebody else's. */
  get isLost(): boolean {
    return this.#lost.signal.aborted;
  }

  /**
   * The work of one batch, its event and the job's progress in one commit, which happens only while the job is this worker's.
   * Throws LeaseLost when it is not any more: nothing was done then.
   */
  async commit(work: (tx: Queries) => Promise<Batch>): Promise<void> {
    const { jobId, fence } = this.job;
    this.progress = await this.database.act(this.ctx, async (tx) => {
      if (!(await isHeld(tx, jobId, fence))) throw new LeaseLost();
      const { progress, event } = await work(tx);
      await setProgress(tx, jobId, fence, progress);
      return { result: progress, event };
    });
  }

  /**
   * Saves where the job is, when nothing was done that the trail must tell of. Throws LeaseLost when the job is not this worker's
   * any more.
   */
  async note(progress: JobProgress): Promise<void> {
    const values = progressValues(this.job.jobId, this.job.fence, progress);
    const noted = await this.database.note(this.ctx, LEASE_STATEMENTS.progress, values);
    if (noted.length === 0) throw new LeaseLost();
    this.progress = progress;
  }

  /** No more is done under it. */
  end(): void {
    clearInterval(this.#timer);
  }

  /** So that a pause reaches a batch that takes long, and others see that somebody is at work. */
  async #renew(): Promise<void> {
    try {
      const held = await this.database.note(this.ctx, LEASE_STATEMENTS.hold, [this.job.jobId, this.job.fence]);
      if (held.length === 0) this.#lost.abort(new LeaseLost());
    } catch {
      return; // unknown; the next batch's commit decides
    }
  }
}
