import type { Logger } from 'pino';
import type { WorkerDatabase } from '#database';
import { requeueUnattendedJobs } from '#jobs';

/** The queue is a list of what to look at; when it and the jobs differ, the jobs are right. */
export function requeueTask(database: WorkerDatabase, log: Logger): () => Promise<void> {
  return async () => {
    const count = await requeueUnattendedJobs(database);
    if (count > 0) log.info({ task: 'requeue-jobs', count }, 'jobs that waited, or that nobody was going to run');
  };
}
