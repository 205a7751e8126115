import type { RequestContext } from '#access';
import type { AuditEvent, Queries } from '#audit';
import { isUniqueViolation } from '#database';
import { type JobOrder, type JobView, type Jobs, jobView } from '#jobs';
import { VaultError } from '#vaults';

/** In the transaction that prepares what is to be moved. Throws `vault_moving` when something is moved in that vault already. */
export async function startMoving(
  tx: Queries,
  ctx: RequestContext,
  jobs: Jobs,
  order: JobOrder & { vaultId: string },
): Promise<{ job: JobView; created: AuditEvent }> {
  try {
    const { job, created } = await jobs.create(tx, ctx, order);
    return { job: jobView(job), created };
  } catch (error) {
    if (isUniqueViolation(error, 'jobs_one_move')) throw new VaultError('vault_moving');
    throw error;
  }
}
