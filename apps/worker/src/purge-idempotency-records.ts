import type { Logger } from 'pino';
import { purgeIdempotencyRecords } from '#database';

/** Old answers are of no use to anybody; until they go they are data that could be lost. */
export function purgeJob(databaseUrl: string, log: Logger): () => Promise<void> {
  return async () => {
    const count = await purgeIdempotencyRecords(databaseUrl);
    log.info({ job: 'purge-idempotency-records', count }, 'job done');
  };
}
