import type { Logger } from 'pino';
import type { Database, WorkerDatabase } from '#database';
import { FinaliseRekeys } from '#moving';

/** What a move to another key replaced is kept for a while, and no longer. */
export function finaliseRekeysTask(workerDatabase: WorkerDatabase, database: Database, log: Logger): () => Promise<void> {
  const finaliseRekeys = new FinaliseRekeys(workerDatabase, database);
  return async () => {
    const vaultKeys = await finaliseRekeys.run();
    if (vaultKeys > 0) log.info({ task: 'finalise-rekeys', vaultKeys }, 'task done');
  };
}
