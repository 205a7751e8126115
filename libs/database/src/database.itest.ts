import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RequestContext } from '#access';
import type { AuditEvent, Queries } from '#audit';
import { RootKey } from '#envelope';
import { checkRole } from './check-role.js';
import { Database } from './database.js';
import { IdempotencyRecords } from './idempotency-records.js';
import { purgeExpired } from './purge-expired.js';
import { aService } from '../../access/src/testing/a-service.js';
import { type TestDatabase, aDatabase } from '../../../test/harness/database.js';
import { aWayTo } from '../../../test/harness/way.js';

const COUNT = { name: 'test-count-vaults', text: 'SELECT count(*)::integer AS count FROM vaults WHERE $1::uuid IS NOT NULL' };
const RENAME = { name: 'test-rename', text: 'UPDATE workspaces SET name = $2 WHERE workspace_id = $1' };
const NAME = { name: 'test-name', text: 'SELECT name FROM workspaces WHERE workspace_id = $1' };
const FAIL = { name: 'test-fail', text: 'SELECT 1 / ($2::integer) FROM workspaces WHERE workspace_id = $1' };
const SETTING = { name: 'test-setting', text: `SELECT current_setting('keyhold.workspace_id', true) AS setting, $1::uuid AS asked` };
const event: AuditEvent = { type: 'vault.updated' };

describe('the two doors', () => {
  let server: TestDatabase;
  let database: Database;
  const acme = randomUUID();
  const other = randomUUID();

  beforeAll(async () => {
    server = await aDatabase();
    for (const id of [acme, other]) await aWorkspaceRow(server, id);
    database = open();
  });
  afterAll(async () => {
    await database.close();
    await server.drop();
  });

  const open = (poolSize = 4) =>
    new Database({ url: server.serviceUrl, poolSize }, new IdempotencyRecords(RootKey.fromBytes(Buffer.alloc(32, 1))));
  const eventsOf = (requestId: string) => server.asAdmin('SELECT type FROM audit_events WHERE request_id = $1', [requestId]);

  test('show one workspace even to a statement that forgets to ask for it', async () => {
    const seen = await database.read({ workspaceId: acme }, (tx) => tx.query<{ count: number }>(COUNT));
    expect(seen).toEqual([{ count: 1 }]);
    expect(await server.asAdmin('SELECT count(*)::integer AS count FROM vaults')).toEqual([{ count: 2 }]);
  });

  test('refuse to write a row of another workspace', async () => {
    const theft = {
      name: 'test-theft',
      text: `INSERT INTO api_keys (workspace_id, api_key_id, name, scopes, token_sha256, mac, created_by)
      SELECT $2, gen_random_uuid(), 'thief', '{item:unseal}', sha256('x'), sha256('x'), 'thief' WHERE $1::uuid IS NOT NULL`,
    };
    const act = database.act(ctxOf(acme), (tx) => ({ result: tx.query(theft, [other]), event }));
    await expect(act).rejects.toThrow(/row-level security/);
  });

  test('refuse anything that is not a workspace id before it reaches the server', async () => {
    await expect(database.read({ workspaceId: `${acme}'; DROP TABLE items; --` }, (tx) => tx.query(NAME))).rejects.toThrow(TypeError);
    expect(await database.read({ workspaceId: acme }, (tx) => tx.query(NAME))).toHaveLength(1);
  });

  test('cannot write through the reading one', async () => {
    await expect(database.read({ workspaceId: acme }, (tx) => tx.query(RENAME, ['x']))).rejects.toThrow(/unavailable|read-only/);
    await expect(database.read({ workspaceId: acme }, (tx) => ({ result: tx.query(RENAME, ['x']) }))).rejects.toThrow(
      /unavailable|read-only/,
    );
  });

  test('read what is under way, and hand the connection on clean when that fails', async () => {
    const single = open(1);
    await expect(single.read({ workspaceId: acme }, (tx) => ({ result: tx.query(FAIL, [0]) }))).rejects.toThrow(/division by zero/);
    const seen = await single.read({ workspaceId: other }, (tx) => ({ result: tx.query(SETTING) }));
    expect(seen).toEqual([{ setting: other, asked: other }]);
    await single.close();
  });

  test('answer nothing after the end, when the connection may be at work for another workspace', async () => {
    const late = (tx: Queries) => tx.query(NAME);
    const doors = new Map<string, Queries>();
    await database.read({ workspaceId: acme }, (tx) => Promise.resolve(doors.set('read', tx)));
    await database.act(ctxOf(acme), (tx) => ({ result: Promise.resolve(doors.set('act', tx)), event }));
    await database.read({ workspaceId: acme }, (tx) => Promise.reject(new Error(`no ${doors.set('failed', tx).size}`))).catch(() => null);
    for (const door of ['read', 'act', 'failed'])
      await expect(late(doors.get(door) as Queries)).rejects.toThrow('test-name was asked after the end of its transaction');
  });

  test('commit what was done together with its event', async () => {
    const ctx = ctxOf(acme);
    await database.act(ctx, (tx) => ({ result: tx.query(RENAME, ['together']), event }));
    expect(await eventsOf(ctx.requestId)).toEqual([{ type: 'vault.updated' }]);
    expect(await database.read({ workspaceId: acme }, (tx) => tx.query(NAME))).toEqual([{ name: 'together' }]);
  });

  test.each([
    ['a statement', (tx: Parameters<Parameters<Database['act']>[1]>[0]) => ({ result: tx.query(FAIL, [0]), event })],
    [
      'a statement that nobody waits for',
      (tx: Parameters<Parameters<Database['act']>[1]>[0]) => {
        void tx.query(FAIL, [0]).catch(() => undefined);
        return { result: null, event };
      },
    ],
    ['the event', () => ({ result: null, event: { type: null as unknown as 'vault.updated' } })],
    [
      'the work itself',
      () => {
        throw new Error('no');
      },
    ],
  ])('leave neither act nor event when %s fails', async (_what, work) => {
    const ctx = ctxOf(acme);
    const acting = database.act<unknown>(ctx, (tx) => {
      void tx.query(RENAME, ['lost']).catch(() => undefined);
      return work(tx);
    });
    await expect(acting).rejects.toThrow();
    expect(await eventsOf(ctx.requestId)).toEqual([]);
    expect(await database.read({ workspaceId: acme }, (tx) => tx.query(NAME))).not.toEqual([{ name: 'lost' }]);
  });

  test('answer a repeat under an idempotency key as the first time, and act once', async () => {
    const ctx = ctxOf(acme, { key: 'a', requestDigest: Buffer.alloc(32, 1) });
    const first = await database.act(ctx, (tx) => ({ result: tx.query(RENAME, ['once']).then(() => ({ secret: 'shown' })), event }));
    expect(await database.replay(ctx)).toEqual({ result: first });
    const [record] = await server.asAdmin<{ sealed_result: Buffer }>('SELECT sealed_result FROM idempotency_records');
    expect(record?.sealed_result.includes('shown')).toBe(false);
  });

  test('let one of many simultaneous repeats act and give its answer to all', async () => {
    const requestDigest = Buffer.alloc(32, 2);
    const repeats = Array.from({ length: 20 }, (_, place) => ({
      ...ctxOf(acme, { key: 'b', requestDigest }),
      requestId: `repeat-${place}`,
    }));
    const answers = await Promise.all(repeats.map((ctx, place) => database.act(ctx, () => ({ result: { place }, event }))));
    expect(new Set(answers.map(({ place }) => place)).size).toBe(1);
    expect(await server.asAdmin(`SELECT count(*)::integer AS acts FROM audit_events WHERE request_id LIKE 'repeat-%'`)).toEqual([
      { acts: 1 },
    ]);
  });

  test('refuse another request under a used idempotency key', async () => {
    const ctx = ctxOf(acme, { key: 'a', requestDigest: Buffer.alloc(32, 9) });
    await expect(database.replay(ctx)).rejects.toMatchObject({ code: 'idempotency_key_reused' });
    await expect(database.act(ctx, () => ({ result: null, event }))).rejects.toMatchObject({ code: 'idempotency_key_reused' });
  });

  test('keep idempotency keys of workspaces and principals apart', async () => {
    const idempotency = { key: 'a', requestDigest: Buffer.alloc(32, 1) };
    expect(await database.replay(ctxOf(other, idempotency))).toBeUndefined();
    const stranger = ctxOf(acme, idempotency);
    expect(
      await database.replay({ ...stranger, principal: { kind: 'api_key', role: 'api_key', id: 'somebody-else', name: 'Tester' } }),
    ).toBeUndefined();
  });

  test('show the worker what has expired, and let it delete that alone', async () => {
    await server.asAdmin(`INSERT INTO idempotency_records SELECT workspace_id, principal_id, 'old', request_digest, sealed_result,
      now() - interval '25 hours' FROM idempotency_records WHERE idempotency_key = 'a'`);
    await server.asAdmin(`INSERT INTO try_counters SELECT sha256(hours::text::bytea), '{}', 1, 1, now() + hours * interval '1 hour'
      FROM unnest(ARRAY[-1, 1]) AS hours`);
    await server.asAdmin(`INSERT INTO request_buckets SELECT key_hmac, 1, expires_at FROM try_counters`);
    await server.asAdmin(
      `INSERT INTO aws_proofs SELECT $1, sha256(hours::text::bytea), '', 1, now() + hours * interval '1 hour' FROM unnest(ARRAY[-1, 1]) AS hours`,
      [acme],
    );
    await server.asAdmin(
      `INSERT INTO sessions (workspace_id, session_id, kind, aws, token_sha256, mac, source_address, expires_at, ended_at)
       SELECT $1, gen_random_uuid(), 'aws', '{}', sha256(concat(days, '/', hours)::bytea), sha256('x'), '-', now() + hours * interval '1 hour', now() - days * interval '1 day'
       FROM (VALUES (31, 1), (29, 1), (NULL, 1), (NULL, -719), (NULL, -721)) AS t (days, hours)`,
      [acme],
    );
    await server.asAdmin(
      `INSERT INTO setup_links (workspace_id, link_id, name, shows_workspace_name, token_sha256, mac, created_by, expires_at, revoked_at)
       SELECT $1, gen_random_uuid(), 'l', false, sha256(concat(days, '/', hours)::bytea), sha256('x'), '-', now() + hours * interval '1 hour', now() - days * interval '1 day'
       FROM (VALUES (31, 1), (29, 1), (NULL, 1), (NULL, -719), (NULL, -721)) AS t (days, hours)`,
      [acme],
    );
    await server.asAdmin(
      `INSERT INTO setup_proposals (workspace_id, proposal_id, link_id, account_id, key_id, role_arn, source_address, mac)
       SELECT workspace_id, link_id, link_id, '111122223333', 'k', 'r', '-', sha256('x') FROM setup_links`,
    );
    await server.asAdmin(
      `INSERT INTO alert_deliveries (workspace_id, delivery_id, event_id, event_type, channel, email, next_attempt_at, created_at)
       SELECT $1, gen_random_uuid(), gen_random_uuid(), 'job.failed', 'email', 'a@b', now(), now() - days * interval '1 day' FROM unnest(ARRAY[29, 31]) AS days`,
      [acme],
    );
    await server.asAdmin(
      `INSERT INTO data_key_purge_orders (node_id, workspace_id, vault_id, purge_id, epoch, ordered_at)
       SELECT gen_random_uuid(), $1, gen_random_uuid(), gen_random_uuid(), 1, now() - minutes * interval '1 minute' FROM unnest(ARRAY[59, 61]) AS minutes`,
      [acme],
    );
    expect(await purgeExpired(server.workerUrl)).toEqual({
      idempotency_records: 1,
      try_counters: 1,
      request_buckets: 1,
      aws_proofs: 1,
      sessions: 2,
      setup_links: 2,
      vault_health_history: 0,
      data_key_purge_orders: 1,
      alert_deliveries: 1,
      boxes: 0,
      items: 0,
    });
    expect(await server.asAdmin(`SELECT idempotency_key FROM idempotency_records ORDER BY 1`)).toEqual([
      { idempotency_key: 'a' },
      { idempotency_key: 'b' },
    ]);
    expect(await server.asAdmin(`SELECT count(*)::integer AS left FROM setup_proposals`)).toEqual([{ left: 3 }]);
    for (const table of ['try_counters', 'aws_proofs'])
      expect(await server.asAdmin(`SELECT expires_at > now() AS counts FROM ${table}`)).toEqual([{ counts: true }]);
  });

  test('outlive the loss of the worker’s connection', async () => {
    await server.asAdmin('BEGIN');
    await server.asAdmin('LOCK TABLE idempotency_records IN ACCESS EXCLUSIVE MODE');
    const way = await aWayTo(server.workerUrl);
    const purged = expect(purgeExpired(way.url)).rejects.toThrow();
    const waiting = `SELECT FROM pg_locks WHERE relation = 'idempotency_records'::regclass AND NOT granted`;
    while ((await server.asAdmin(waiting)).length === 0);
    way.cut();
    await purged;
    await server.asAdmin('ROLLBACK');
  });

  test('say that nobody can be asked when the server is gone', async () => {
    const lost = new Database(
      { url: 'postgres://nobody@127.0.0.1:1/none', poolSize: 1 },
      new IdempotencyRecords(RootKey.fromBytes(Buffer.alloc(32))),
    );
    await expect(lost.read({ workspaceId: acme }, (tx) => tx.query(NAME))).rejects.toMatchObject({ code: 'unavailable' });
    await lost.close();
  });

  test('go on after the server ended every connection', async () => {
    await server.asAdmin(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'keyhold_app' AND datname = current_database()`,
    );
    const attempts = await Promise.allSettled(
      Array.from({ length: 8 }, () => database.read({ workspaceId: acme }, (tx) => tx.query(NAME))),
    );
    const refused = attempts.filter((attempt) => attempt.status === 'rejected');
    expect(
      refused.map(({ reason }): unknown => (reason as { code?: string }).code ?? reason).filter((code) => code !== 'unavailable'),
    ).toEqual([]);
    expect(await database.read({ workspaceId: acme }, (tx) => tx.query(NAME))).toHaveLength(1);
  });

  test('are refused to a role that owns tables or stands above the policies, and to a URL that gives up durability', async () => {
    expect(await checkRole(database)).toEqual([]);
    for (const [url, why] of [
      [server.ownerUrl, /owns tables/],
      [server.adminUrl, /superuser/],
      [`${server.serviceUrl}?options=-c%20synchronous_commit%3Doff`, /synchronous_commit off/],
    ] as const) {
      const unfit = new Database({ url, poolSize: 1 }, new IdempotencyRecords(RootKey.fromBytes(Buffer.alloc(32))));
      expect((await checkRole(unfit)).join(' ')).toMatch(why);
      await unfit.close();
    }
  });
});

function ctxOf(workspaceId: string, idempotency?: RequestContext['idempotency']): RequestContext {
  return aService(workspaceId, idempotency && { idempotency });
}

async function aWorkspaceRow(server: TestDatabase, id: string): Promise<void> {
  const [vault, key, box] = [randomUUID(), randomUUID(), randomUUID()];
  await server.asAdmin(
    `WITH w AS (INSERT INTO workspaces (workspace_id, name, default_vault_id, default_box_id) VALUES ('${id}', 'w', '${vault}', '${box}')),
      b AS (INSERT INTO boxes (workspace_id, box_id, name) VALUES ('${id}', '${box}', 'b')),
      v AS (INSERT INTO vaults (workspace_id, vault_id, name, active_vault_key_id) VALUES ('${id}', '${vault}', 'v', '${key}'))
    INSERT INTO vault_keys (workspace_id, vault_id, vault_key_id, strategy, config, mac) VALUES ('${id}', '${vault}', '${key}', 'default', '{}', sha256('x'))`,
  );
}
