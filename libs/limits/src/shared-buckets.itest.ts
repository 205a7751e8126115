import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Database, IdempotencyRecords } from '#database';
import { RootKey } from '#envelope';
import { type TestDatabase, aDatabase } from '../../../test/harness/database.js';
import { SharedBuckets } from './shared-buckets.js';

/** So slow that nothing comes back while a test runs. */
const SLOW = { perSecond: 0.001, burst: 100 };
const rootKey = RootKey.fromBytes(randomBytes(32));

describe('buckets that all nodes draw from', () => {
  let server: TestDatabase;
  let databases: Database[];
  let nodes: SharedBuckets[];
  let asked = 0;

  beforeAll(async () => {
    server = await aDatabase();
    databases = Array.from({ length: 2 }, () => new Database({ url: server.serviceUrl, poolSize: 4 }, new IdempotencyRecords(rootKey)));
    nodes = databases.map((database) => {
      const counting: Pick<Database, 'ask'> = {
        ask: (query, values) => {
          asked += 1;
          return database.ask(query, values);
        },
      };
      return new SharedBuckets(counting, rootKey, 'requests', SLOW);
    });
  });
  afterAll(async () => {
    await Promise.all(databases.map((database) => database.close()));
    await server.drop();
  });

  const drawEverywhere = (workspaceId: string, each: number, units: number) =>
    Promise.all(nodes.flatMap((node) => Array.from({ length: each }, () => node.draw(workspaceId, units))));
  const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

  test('give out what they hold and not one unit more, to nodes that ask at the same time', async () => {
    const workspaceId = randomUUID();
    const answers = [];
    for (let turn = 0; turn < 20; turn++) answers.push(...(await drawEverywhere(workspaceId, 1, 7)));
    expect(sum(answers.map(({ granted }) => granted))).toBe(100);
    expect(answers.at(-1)).toMatchObject({ granted: 0 });
  });

  test('never give out more than a full bucket at once', async () => {
    expect(await nodes[0]?.draw(randomUUID(), 1_000)).toEqual({ granted: 100, left: expect.closeTo(0) });
  });

  test('are full again with time, by the clock of the database, and never fuller', async () => {
    const workspaceId = randomUUID();
    const draw = () => nodes[0]?.draw(workspaceId, 1_000);
    await draw();
    await server.asAdmin(`UPDATE request_buckets SET full_at = full_at - interval '30000 seconds'`);
    expect(await draw()).toMatchObject({ granted: 30 });
    await server.asAdmin(`UPDATE request_buckets SET full_at = full_at - interval '1 year'`);
    expect(await draw()).toMatchObject({ granted: 100 });
  });

  test('of one workspace are none of another', async () => {
    await drawEverywhere(randomUUID(), 1, 100);
    expect(await nodes[0]?.draw(randomUUID(), 60)).toEqual({ granted: 60, left: expect.closeTo(40) });
  });

  test('are asked for all workspaces that wait in one statement', async () => {
    const [node] = nodes;
    asked = 0;
    const answers = await Promise.all(Array.from({ length: 200 }, () => (node ?? never()).draw(randomUUID(), 3)));
    expect(answers.map(({ granted }) => granted)).toEqual(Array.from({ length: 200 }, () => 3));
    expect(asked).toBe(2); // the first alone, the rest when it was answered
  });

  test('are stored without the name of a workspace', async () => {
    const workspaceId = randomUUID();
    await nodes[0]?.draw(workspaceId, 1);
    const rows = await server.asAdmin<{ row: string }>(`SELECT t::text AS row FROM request_buckets t`);
    expect(rows.map(({ row }) => row).join()).not.toContain(workspaceId.slice(0, 8));
  });

  test('fail the draw, and only that one, when the database does not answer', async () => {
    await server.asAdmin(`ALTER TABLE request_buckets RENAME TO request_buckets_gone`);
    await expect(nodes[0]?.draw(randomUUID(), 1)).rejects.toThrow();
    await server.asAdmin(`ALTER TABLE request_buckets_gone RENAME TO request_buckets`);
    await expect(nodes[0]?.draw(randomUUID(), 1)).resolves.toMatchObject({ granted: 1 });
  });
});

function never(): never {
  throw new Error('no node');
}
