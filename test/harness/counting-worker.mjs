// The worker that is shipped, with one more kind of job: it counts up to `parts`, each part an event in its own commit.
import { surroundings } from '#settings';
import { jobHandlers } from '../../dist/apps/worker/src/handlers.js';
import { readSettings } from '../../dist/apps/worker/src/config/read-settings.js';
import { serve } from '../../dist/apps/worker/src/serve.js';

const counting = {
  kind: 'test.count',
  async run(_ctx, { jobId, params: { parts, pauseMs = 0 }, progress }, lease) {
    for (let part = (progress.position ?? 0) + 1; part <= parts; part += 1) {
      lease.signal.throwIfAborted();
      await lease.commit(async () => ({
        progress: { total: parts, done: part, failed: 0, position: part },
        event: { type: 'job.progressed', details: { jobId, part } },
      }));
      await new Promise((next) => setTimeout(next, pauseMs));
    }
    return { counted: parts };
  },
};

await serve(readSettings(surroundings()), (parts) => [...jobHandlers(parts), counting]);
