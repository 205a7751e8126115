import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RequestContext } from '#access';
import { RootKey } from '#envelope';
import { aService } from '../../access/src/testing/a-service.js';
import { type TestDatabase, aDatabase } from '../../../test/harness/database.js';
import { Database } from './database.js';
import { IdempotencyRecords } from './idempotency-records.js';

const EVENT = { type: 'vault.updated' } as const;
const CONNECTION = { name: 'test-connection', text: 'SELECT pg_backend_pid() AS pid WHERE $1::uuid IS NOT NULL' };

describe('an act under an idempotency key', () => {
  let server: TestDatabase;
  let database: Database;
  const workspaceId = randomUUID();

  beforeAll(async () => {
    server = await aDatabase();
    await server.asAdmin('SET session_replication_role = replica'); // the events need no vault, and the workspace no default
    await server.asAdmin(`INSERT INTO workspaces (workspace_id, name, default_vault_id, default_box_id)
      VALUES ('${workspaceId}', 'w', '${workspaceId}', '${workspaceId}')`);
    database = new Database({ url: server.serviceUrl, poolSize: 1 }, new IdempotencyRecords(RootKey.fromBytes(Buffer.alloc(32, 1))));
  });
  afterAll(async () => {
    await database.close();
    await server.drop();
  });

  const ctxOf = (key: string, digest = 1): RequestContext =>
    aService(workspaceId, { idempotency: { key, requestDigest: Buffer.alloc(32, digest) } });
  const actUnder = async (ctx: RequestContext) => {
    let commits = 0;
    const answer = await database.act(ctx, () => ({ result: ctx.requestId, event: EVENT, committed: () => (commits += 1) }));
    return { answer, commits };
  };

  test('tells of its own commit, and not of the one whose answer stands in for it', async () => {
    const first = ctxOf('told');
    expect(await actUnder(first)).toEqual({ answer: first.requestId, commits: 1 });
    expect(await actUnder(ctxOf('told'))).toEqual({ answer: first.requestId, commits: 0 });
  });

  test('answers a repeat also between the day’s end and the clean-up', async () => {
    const first = ctxOf('late');
    await actUnder(first);
    await server.asAdmin(`UPDATE idempotency_records SET created_at = now() - interval '25 hours' WHERE idempotency_key = 'late'`);
    expect(await actUnder(ctxOf('late'))).toMatchObject({ answer: first.requestId });
  });

  test('costs no connection when its key was used for another request', async () => {
    const connection = () => database.read({ workspaceId }, (tx) => tx.query(CONNECTION));
    await actUnder(ctxOf('other'));
    const before = await connection();
    await expect(actUnder(ctxOf('other', 2))).rejects.toMatchObject({ code: 'idempotency_key_reused' });
    expect(await connection()).toEqual(before);
  });
});
