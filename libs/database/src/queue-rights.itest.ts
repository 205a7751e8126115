import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { type TestDatabase, aDatabase } from '../../../test/harness/database.js';
import { migrate } from './migrate.js';

describe('the queue and the list of processes', () => {
  let server: TestDatabase;
  let app: pg.Client;
  let worker: pg.Client;

  beforeAll(async () => {
    server = await aDatabase();
    app = new pg.Client({ connectionString: server.serviceUrl });
    worker = new pg.Client({ connectionString: server.workerUrl });
    await Promise.all([app.connect(), worker.connect()]);
  });
  afterAll(async () => {
    await Promise.all([app.end(), worker.end()]);
    await server.drop();
  });

  const enqueue = (task: string | null, subject: string | null, workspace = '') =>
    app.query(`BEGIN; SET LOCAL keyhold.workspace_id = '${workspace}'`).then(async () => {
      try {
        await app.query('SELECT enqueue_task($1, $2)', [task, subject]);
        await app.query('COMMIT');
      } catch (error) {
        await app.query('ROLLBACK');
        throw error;
      }
    });
  const queued = async () =>
    (await worker.query<{ key: string }>('SELECT key FROM graphile_worker.jobs ORDER BY id')).rows.map(({ key }) => key);

  test('every table of the queue is under row-level security, with a policy for the worker alone', async () => {
    const tables = await server.asAdmin<{ name: string; rls: boolean; roles: string[] }>(`
      SELECT c.relname AS name, c.relrowsecurity AS rls,
        ARRAY(SELECT r.rolname::text FROM pg_policy p JOIN pg_roles r ON r.oid = ANY (p.polroles) WHERE p.polrelid = c.oid) AS roles
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = 'graphile_worker' AND c.relkind = 'r' AND c.relname <> 'migrations'`);
    expect(tables.length).toBeGreaterThanOrEqual(4);
    expect(tables.filter(({ rls, roles }) => !rls || roles.join() !== 'keyhold_worker')).toEqual([]);
  });

  test.each([
    'SELECT FROM graphile_worker.jobs',
    'SELECT FROM graphile_worker._private_jobs',
    `SELECT graphile_worker.add_job('run-job')`,
    `SELECT graphile_worker.force_unlock_workers(ARRAY['x'])`,
  ])('the service may not: %s', async (statement) => {
    await expect(app.query(statement)).rejects.toThrow('permission denied for schema graphile_worker');
  });

  test.each([
    'CREATE TABLE graphile_worker.t ()',
    'DROP TABLE graphile_worker._private_jobs',
    'ALTER TABLE nodes DISABLE ROW LEVEL SECURITY',
  ])('the worker may not: %s', async (statement) => {
    await expect(worker.query(statement)).rejects.toThrow(/permission denied|must be owner/);
  });

  test('the service puts a task into the queue for the workspace of its transaction, once however often', async () => {
    const [workspace, subject] = [randomUUID(), randomUUID()];
    await enqueue('run-job', subject, workspace);
    await enqueue('run-job', subject, workspace);
    expect(await queued()).toEqual([`run-job/${workspace}/${subject}`]);
  });

  test.each([
    ['outside any workspace', 'run-job', randomUUID(), ''],
    ['of a name that is not on the list', 'purge-expired', randomUUID(), randomUUID()],
    ['without a name', null, randomUUID(), randomUUID()],
    ['about nothing', 'run-job', null, randomUUID()],
  ])('the service cannot put a task into the queue %s', async (_what, task, subject, workspace) => {
    const before = await queued();
    await expect(enqueue(task, subject, workspace)).rejects.toThrow('not a task of a workspace');
    expect(await queued()).toEqual(before);
  });

  test('a task is in the queue only once its transaction is committed', async () => {
    const before = await queued();
    await app.query(`BEGIN; SET LOCAL keyhold.workspace_id = '${randomUUID()}'`);
    await app.query('SELECT enqueue_task($1, $2)', ['run-job', randomUUID()]);
    await app.query('ROLLBACK');
    expect(await queued()).toEqual(before);
  });

  test('nobody but the service has the right to put tasks there', async () => {
    await expect(worker.query(`SELECT enqueue_task('run-job', $1)`, [randomUUID()])).rejects.toThrow('permission denied');
  });

  test('the service sees and writes API processes only, and the worker takes no other for itself', async () => {
    await worker.query(`INSERT INTO nodes (node_id, kind, queue_lock) VALUES ($1, 'worker', 'pool')`, [randomUUID()]);
    await app.query(`INSERT INTO nodes (node_id, kind) VALUES ($1, 'api')`, [randomUUID()]);
    expect((await app.query<{ kind: string }>('SELECT kind FROM nodes')).rows).toEqual([{ kind: 'api' }]);
    await expect(app.query(`INSERT INTO nodes (node_id, kind) VALUES ($1, 'worker')`, [randomUUID()])).rejects.toThrow(
      'row-level security',
    );
    await expect(worker.query(`INSERT INTO nodes (node_id, kind) VALUES ($1, 'api')`, [randomUUID()])).rejects.toThrow(
      'row-level security',
    );
    expect((await worker.query('SELECT FROM nodes')).rowCount).toBe(2);
  });

  test('the worker sees of jobs that they are open, and nothing of what they are', async () => {
    await expect(worker.query('SELECT params FROM jobs')).rejects.toThrow('permission denied');
    await expect(worker.query(`UPDATE jobs SET state = 'queued'`)).rejects.toThrow('permission denied');
    expect((await worker.query('SELECT workspace_id, job_id, state, updated_at FROM jobs')).rowCount).toBe(0);
  });

  test('a second migration changes nothing', async () => {
    expect(await migrate(server.ownerUrl)).toEqual([]);
  });
});
