import type { Logger } from 'pino';
import { purgeExpired } from '#database';

/** Old answers and counters are of no use to anybody; until they go they are data that could be lost. */
export function purgeJob(databaseUrl: string, log: Logger): () => Promise<void> {
  return async () => {
    const counts = await purgeExpired(databaseUrl);
    log.info({ job: 'purge-expired', counts }, 'job done');
  };
}
