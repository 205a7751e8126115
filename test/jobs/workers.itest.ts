import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { JobView } from '#jobs';
import { eventually } from '../harness/eventually.js';
import { type JobOrder, aJob } from '../harness/job.js';
import { type Keyhold, type Running, type Workspace, startKeyhold } from '../harness/service.js';

jest.setTimeout(120_000);

const COUNTING_WORKER = resolve('test/harness/counting-worker.mjs');
/** What the product promises. */
const RESUMED_WITHIN_SECONDS = 10;

describe('jobs and the workers that run them', () => {
  let keyhold: Keyhold;
  let acme: Workspace;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    acme = await keyhold.aWorkspace('Acme');
  });
  afterAll(() => keyhold.stop());

  const aWorker = (): Promise<Running> => keyhold.aWorker({ file: COUNTING_WORKER });
  const countTo = (parts: number, pauseMs: number, order: JobOrder = {}) =>
    aJob(keyhold, acme.id, { params: { parts, pauseMs }, ...order });
  const jobOf = async (id: string) => (await acme.call('GET', `/jobs/${id}`)).body as JobView;
  const until = (id: string, isSo: (job: JobView) => boolean, withinMs = 30_000) => eventually(() => jobOf(id), isSo, { withinMs });
  const parts = async (id: string): Promise<number[]> =>
    (
      await keyhold.database.asAdmin<{ part: number }>(
        `SELECT (details->>'part')::integer AS part FROM audit_events WHERE type = 'job.progressed' AND details->>'jobId' = $1 ORDER BY at`,
        [id],
      )
    ).map(({ part }) => part);
  const range = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

  test('a job is begun once it is committed, and its result and trail can be read', async () => {
    const worker = await aWorker();
    const id = await countTo(5, 0);
    const done = await until(id, ({ state }) => state === 'completed');
    expect(done).toMatchObject({ progress: { total: 5, done: 5, failed: 0 }, result: { counted: 5 }, cause: null });
    const { body } = await acme.call('GET', '/audit-events?limit=100');
    const told = (body.data as { type: string; details: { jobId?: string }; principal: unknown }[]).filter(
      ({ details }) => details.jobId === id,
    );
    expect(told.map(({ type }) => type).reverse()).toEqual([
      'job.created',
      'job.started',
      ...range(5).map(() => 'job.progressed'),
      'job.completed',
    ]);
    expect(told[0]?.principal).toMatchObject({ kind: 'system', name: 'jobs' });
    await worker.stop();
  });

  test('the job of a worker that is killed goes on within ten seconds on another one, every part once', async () => {
    const first = await aWorker();
    const id = await countTo(60, 100);
    await until(id, ({ progress }) => progress.done >= 5);
    const second = await aWorker();
    first.process.kill('SIGKILL');
    const killedAt = performance.now();
    const { progress } = await jobOf(id);
    await until(id, (job) => job.progress.done > progress.done);
    const seconds = (performance.now() - killedAt) / 1_000;
    console.log(`figure: job-resume-seconds = ${seconds.toFixed(1)}`);
    expect(seconds).toBeLessThan(RESUMED_WITHIN_SECONDS);
    await until(id, ({ state }) => state === 'completed');
    expect(await parts(id)).toEqual(range(60));
    await second.stop();
  });

  test('a worker that is told to stop gives its job to another one, which has not to find it dead', async () => {
    const first = await aWorker();
    const id = await countTo(10_000, 20);
    await until(id, ({ progress }) => progress.done >= 3);
    const second = await aWorker();
    expect(await first.stop()).toBe(0);
    const { progress } = await jobOf(id);
    await until(id, (job) => job.progress.done > progress.done);
    expect(second.log()).not.toContain('processes are gone without a word'); // nobody had to find out that it was gone
    await acme.call('POST', `/jobs/${id}/cancel`);
    const done = await parts(id);
    expect(done).toEqual(range(done.length));
    await second.stop();
  });

  test('a worker that sleeps while another one takes its job writes nothing when it wakes up', async () => {
    const first = await aWorker();
    const id = await countTo(80, 100);
    await until(id, ({ progress }) => progress.done >= 3);
    first.process.kill('SIGSTOP');
    const second = await aWorker();
    const { progress } = await jobOf(id);
    await until(id, (job) => job.progress.done > progress.done + 3);
    first.process.kill('SIGCONT');
    await until(id, ({ state }) => state === 'completed');
    expect(await parts(id)).toEqual(range(80));
    await Promise.all([first.stop(), second.stop()]);
  });

  test('a workspace has four jobs under way at a time, those of others do not wait for them, and the next one begins when one ends', async () => {
    const worker = await aWorker();
    const globex = await keyhold.aWorkspace('Globex');
    const ids: string[] = [];
    for (let job = 0; job < 5; job += 1) ids.push(await countTo(10_000, 50));
    const states = () => Promise.all(ids.map(async (id) => (await jobOf(id)).state));
    const areRunning = (count: number) => (now: string[]) => now.filter((state) => state === 'running').length === count;
    await eventually(states, areRunning(4));
    const other = await aJob(keyhold, globex.id);
    const otherOf = async () => (await globex.call('GET', `/jobs/${other}`)).body as JobView;
    await eventually(otherOf, ({ state }) => state === 'completed');
    const before = await states();
    expect([...before].sort()).toEqual(['queued', 'running', 'running', 'running', 'running']);
    await acme.call('POST', `/jobs/${ids[before.indexOf('running')]}/cancel`);
    await until(ids[before.indexOf('queued')] ?? '', ({ state }) => state === 'running', 5_000); // no sweep comes so soon
    for (const id of ids) await acme.call('POST', `/jobs/${id}/cancel`);
    await worker.stop();
  });

  test('a job that twenty workers in a row took and were not heard of again fails instead of taking the next one with it', async () => {
    const id = await countTo(3, 0);
    await keyhold.database.asAdmin('UPDATE jobs SET takes = 20 WHERE job_id = $1', [id]);
    const worker = await aWorker();
    expect(await until(id, ({ state }) => state === 'failed')).toMatchObject({ cause: 'workers_died', progress: { done: 0 } });
    const well = await countTo(3, 0);
    await until(well, ({ state }) => state === 'completed');
    await worker.stop();
  });

  test('nothing is done while a job is paused; resumed, it goes on where it was; cancelled, it ends', async () => {
    const worker = await aWorker();
    const id = await countTo(50, 50);
    await until(id, ({ progress }) => progress.done >= 3);
    const paused = await acme.call('POST', `/jobs/${id}/pause`);
    expect(paused.body).toMatchObject({ state: 'paused' });
    const atPause = await parts(id);
    expect(paused.body.progress.done).toBe(atPause.length);
    const other = await countTo(10, 50);
    await until(other, ({ state }) => state === 'completed'); // a second in which a job that was not paused would have gone on
    expect(await parts(id)).toEqual(atPause);
    expect((await acme.call('POST', `/jobs/${id}/pause`)).status).toBe(409);
    await acme.call('POST', `/jobs/${id}/resume`);
    await until(id, ({ progress }) => progress.done > atPause.length);
    expect((await acme.call('POST', `/jobs/${id}/cancel`)).body).toMatchObject({ state: 'cancelled', finishedAt: expect.any(String) });
    const count = (await parts(id)).length;
    expect(await parts(id)).toEqual(range(count));
    expect((await acme.call('POST', `/jobs/${id}/resume`)).body).toMatchObject({ code: 'job_state_conflict' });
    await worker.stop();
  });

  test('a job whose task the queue has lost is found and run', async () => {
    const id = await countTo(3, 0);
    await keyhold.database.asAdmin(`DELETE FROM graphile_worker._private_jobs`);
    await keyhold.database.asAdmin(`UPDATE jobs SET updated_at = now() - interval '2 minutes' WHERE job_id = $1`, [id]);
    const worker = await aWorker();
    await keyhold.database.asAdmin(`SELECT graphile_worker.add_job('requeue-jobs')`);
    await until(id, ({ state }) => state === 'completed');
    await worker.stop();
  });

  test('a job that somebody wrote into the database is not run', async () => {
    const id = await countTo(3, 0);
    await keyhold.database.asAdmin(`UPDATE jobs SET params = '{"parts":1000000}' WHERE job_id = $1`, [id]);
    const worker = await aWorker();
    await eventually(
      () => Promise.resolve(worker.log()),
      (log) => log.includes('ForgedJob'),
    );
    expect(await parts(id)).toEqual([]);
    await worker.stop();
  });
});
