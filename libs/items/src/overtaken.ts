import { isNotNullViolation } from '#database';
import { metVaultDeletion } from '#vaults';

/** What was sealed is not stored: meanwhile the vault got another key, was closed or deleted, or the item went to another vault. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

/** Each means that a vault was moved in the time of one request. */
const TIMES_MAX = 5;

/** Whether a statement failed for what `Overtaken` says. */
export function isOvertaken(error: unknown): boolean {
  return error instanceof Overtaken || metVaultDeletion(error) || isNotNullViolation(error, 'items', 'vault_id');
}

/** Seals once more, from how things stand now, what was overtaken. */
export async function unlessOvertaken<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (let times = 1; ; times += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!isOvertaken(error) || times === TIMES_MAX) throw error;
    }
  }
}
