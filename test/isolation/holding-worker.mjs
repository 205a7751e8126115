// The worker that is shipped, with one more kind of job: it does one part of it, and holds it until the worker is to stop. Then the
// job ends as it was told: it is done, it waits for somebody, or it goes on elsewhere.
import { once } from 'node:events';
import { JobPaused } from '#jobs';
import { surroundings } from '#settings';
import { jobHandlers } from '../../dist/apps/worker/src/handlers.js';
import { readSettings } from '../../dist/apps/worker/src/config/read-settings.js';
import { serve } from '../../dist/apps/worker/src/serve.js';

const holding = {
  kind: 'test.hold',
  async run(_ctx, { jobId, params: { end } }, lease) {
    const { signal } = lease;
    await lease.commit(async () => ({
      progress: { total: 2, done: 1, failed: 0, position: 1 },
      event: { type: 'job.progressed', details: { jobId } },
    }));
    if (!signal.aborted) await once(signal, 'abort');
    if (end === 'waits') throw new JobPaused('told_so');
    if (end === 'goes on') signal.throwIfAborted();
    return {};
  },
};

await serve(readSettings(surroundings()), (parts) => [...jobHandlers(parts), holding]);
