import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WorkerDatabase } from '#database';
import { type TestDatabase, aDatabase } from '../../../test/harness/database.js';
import { OwnNode, buryGoneNodes, liveNodes } from './nodes.js';

describe('processes that are alive', () => {
  let server: TestDatabase;
  let table: WorkerDatabase;

  beforeAll(async () => {
    server = await aDatabase();
    table = new WorkerDatabase({ url: server.workerUrl, poolSize: 2 });
  });
  afterAll(async () => {
    await table.close();
    await server.drop();
  });

  const aNode = async (lock: string | null = null): Promise<OwnNode> => {
    const node = new OwnNode(table, 'worker', () => lock);
    await node.join();
    return node;
  };
  const silence = (node: OwnNode, seconds: number) =>
    server.asAdmin(`UPDATE nodes SET heartbeat_at = now() - make_interval(secs => $2) WHERE node_id = $1`, [node.id, seconds]);
  const live = async () => (await liveNodes(table, 'worker')).map(({ nodeId }) => nodeId);
  const aLockedTask = async (lock: string, seconds: number) => {
    await server.asAdmin(`SELECT graphile_worker.add_job('run-job', job_key := $1)`, [lock]);
    await server.asAdmin(
      `UPDATE graphile_worker._private_jobs SET locked_by = $1, locked_at = now() - make_interval(secs => $2) WHERE key = $1`,
      [lock, seconds],
    );
  };
  const locks = async () =>
    (
      await server.asAdmin<{ locked_by: string }>(
        `SELECT locked_by FROM graphile_worker._private_jobs WHERE locked_by IS NOT NULL ORDER BY 1`,
      )
    ).map(({ locked_by }) => locked_by);

  test('are on the list from their first sign of life until they leave', async () => {
    const node = await aNode();
    expect(await live()).toEqual([node.id]);
    await node.leave();
    expect(await live()).toEqual([]);
  });

  test('are gone when they were silent for five seconds, and not before', async () => {
    const [silent, breathing] = [await aNode(), await aNode()];
    await silence(silent, 5.1);
    await silence(breathing, 4);
    expect(await live()).toEqual([breathing.id]);
    expect(await buryGoneNodes(table)).toEqual({ gone: 1, orphaned: 0 });
    expect(await buryGoneNodes(table)).toEqual({ gone: 0, orphaned: 0 });
    await Promise.all([silent.leave(), breathing.leave()]);
  });

  test('keep their tasks; those of the dead and of nobody are free for others', async () => {
    const [dead, alive] = [await aNode('pool-dead'), await aNode('pool-alive')];
    await silence(dead, 7);
    await aLockedTask('pool-dead', 100);
    await aLockedTask('pool-alive', 100);
    await aLockedTask('pool-unknown', 100);
    await aLockedTask('pool-new', 1); // its first sign of life is on its way
    expect(await buryGoneNodes(table)).toEqual({ gone: 1, orphaned: 2 });
    expect(await locks()).toEqual(['pool-alive', 'pool-new']);
    await Promise.all([dead.leave(), alive.leave()]);
  });
});
