import type { Logger } from 'pino';
import { purgeExpired } from '#database';

/** Old answers and counters are of no use to anybody; until they go they are data that could be lost. */
export function purgeTask(databaseUrl: string, log: Logger): () => Promise<void> {
  return async () => {
    const counts = await purgeExpired(databaseUrl);
    log.info({ task: 'purge-expired', counts }, 'task done');
  };
}
