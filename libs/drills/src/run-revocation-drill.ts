import { setTimeout as delay } from 'node:timers/promises';
import type { RequestContext } from '#access';
import type { AuditEvent } from '#audit';
import type { Database } from '#database';
import { type Job, JobFailed, type JobHandler, type JobLease } from '#jobs';
import { DRILL_JOBS, type RevocationParams } from './drill-kinds.js';
import { type LookAtVault, lastUnsealIn } from './look-at-vault.js';
import { type RevocationCourse, after, courseFrom } from './revocation-course.js';
import { type RevocationReport, revocationReport } from './revocation-report.js';

const LOOK_EVERY_MS = 1_000;

/** Where the drill is, and whether its end is on record. */
type Position = RevocationCourse & { isReported?: true };

/** Looks at the vault every second, from the first sign of the key's withdrawal to the first unseal after its return. */
export class RunRevocationDrill implements JobHandler {
  readonly kind = DRILL_JOBS.revocation;

  constructor(
    private readonly database: Database,
    private readonly look: Pick<LookAtVault, 'run'>,
    private readonly lookEveryMs = LOOK_EVERY_MS,
  ) {}

  async run(ctx: RequestContext, job: Job, lease: JobLease): Promise<RevocationReport> {
    let course: Position = (job.progress.position as Position | undefined) ?? courseFrom(job.createdAt.getTime());
    while (course.step !== 'done') {
      course = await this.#oneMore(ctx, job, lease, course);
      if (course.step !== 'done') await delay(this.lookEveryMs, undefined, { signal: lease.signal });
    }
    const report = await this.#report(ctx, job, course);
    if (!course.isReported) await commit(lease, { ...course, isReported: true }, drillEvent('drill.completed', job, report));
    return report;
  }

  async #oneMore(ctx: RequestContext, job: Job, lease: JobLease, course: Position): Promise<Position> {
    const { canary, timeLimitSeconds } = job.params as unknown as RevocationParams;
    const { calls, ...look } = await this.look.run(ctx, canary);
    const next = after(course, look);
    const events: AuditEvent[] = [];
    if (calls.length > 0) events.push({ ...drillEvent('drill.asked', job, { unseal: look.unseal }), calls });
    if (next.step !== course.step) events.push(drillEvent('drill.progressed', job, { step: next.step }));
    await commit(lease, next, ...events);
    if (next.step !== 'done' && look.at > job.createdAt.getTime() + timeLimitSeconds * 1_000) await this.#giveUp(job, lease, next);
    return next;
  }

  async #giveUp(job: Job, lease: JobLease, course: Position): Promise<never> {
    const cause = `${course.step}_took_too_long`;
    await commit(lease, course, drillEvent('drill.failed', job, { cause, step: course.step }));
    throw new JobFailed(cause, { step: course.step });
  }

  async #report(ctx: RequestContext, { vaultId, params }: Job, course: Position): Promise<RevocationReport> {
    const { startedAt: from, enabled, recovered } = course;
    const to = enabled?.after ?? recovered?.after ?? course.lookedAt;
    const trafficAt = await this.database.read(ctx, (tx) => lastUnsealIn(tx, vaultId ?? '', { from, to }));
    return revocationReport(course, (params as unknown as RevocationParams).dataKeyCacheSeconds, trafficAt);
  }
}

async function commit(lease: JobLease, position: Position, ...events: readonly AuditEvent[]): Promise<void> {
  const progress = { done: 0, failed: 0, position };
  const [first, ...others] = events;
  if (first) await lease.commit(() => Promise.resolve({ progress, event: [first, ...others] }));
  else await lease.note(progress);
}

export function drillEvent(type: AuditEvent['type'], { jobId, vaultId }: Job, details: Readonly<Record<string, unknown>>): AuditEvent {
  return { type, ...(vaultId !== null && { vaultId }), details: { drillId: jobId, ...details } };
}
