// The worker that is shipped, with one more kind of job: it does one part of it, and holds it until the worker is to stop. Then a
// job that `ends` is done, and any other goes on elsewhere.
import { once } from 'node:events';
import { surroundings } from '#settings';
import { jobHandlers } from '../../dist/apps/worker/src/handlers.js';
import { readSettings } from '../../dist/apps/worker/src/config/read-settings.js';
import { serve } from '../../dist/apps/worker/src/serve.js';

const holding = {
  kind: 'test.hold',
  async run(_ctx, { jobId, params: { ends } }, lease) {
    const { signal } = lease;
    await lease.commit(async () => ({
      progress: { total: 2, done: 1, failed: 0, position: 1 },
      event: { type: 'job.progressed', details: { jobId } },
    }));
    if (!signal.aborted) await once(signal, 'abort');
    if (!ends) signal.throwIfAborted();
    return {};
  },
};

await serve(readSettings(surroundings()), (parts) => [...jobHandlers(parts), holding]);
