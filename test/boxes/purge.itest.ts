import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import pg from 'pg';
import { type Purged, purgeExpired } from '#database';
import { aBox, aGrant } from '../harness/box.js';
import { eventsOf } from '../harness/events.js';
import { anItem } from '../harness/item.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';
import { aWayTo } from '../harness/way.js';

jest.setTimeout(120_000);

const OF_BOXES = ['boxes', 'box_grants', 'items', 'item_versions'] as const;

describe('the purge', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  let globex: Workspace;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    [acme, globex] = await Promise.all([keyhold.aWorkspace('Acme'), keyhold.aWorkspace('Globex')]);
  });
  afterAll(() => keyhold.stop());

  const admin = <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => keyhold.database.asAdmin<Row>(text, values);
  const purge = (rowsAtOnce?: number): Promise<Purged> => purgeExpired(keyhold.database.workerUrl, rowsAtOnce ? { rowsAtOnce } : {});

  /** With so many items of two versions each. */
  async function aFilledBox(workspace: Workspace, items: number): Promise<string> {
    const boxId = await aBox(workspace);
    await aGrant(workspace, boxId, { kind: 'iam', arn: 'arn:aws:iam::111122223333:role/App' }, 'read');
    for (let i = 0; i < items; i += 1) {
      const itemId = await anItem(workspace, { i }, { boxId });
      await workspace.call('PUT', `/items/${itemId}`, { payload: { i, again: true } });
    }
    return boxId;
  }

  async function aDeletedBox(workspace: Workspace, items: number, ago: string): Promise<string> {
    const boxId = await aFilledBox(workspace, items);
    expect((await workspace.call('DELETE', `/boxes/${boxId}`)).status).toBe(200);
    await admin(`UPDATE boxes SET deleted_at = now() - $2::interval WHERE box_id = $1`, [boxId, ago]);
    return boxId;
  }
  const anExpiredBox = (items: number, workspace = acme) => aDeletedBox(workspace, items, '7 days 1 minute');

  /** What is left of everything but the boxes named. */
  async function restOf(gone: readonly string[]): Promise<unknown> {
    const tables = OF_BOXES.map((table) => {
      const inBox = table === 'item_versions' ? `item_id IN (SELECT item_id FROM items WHERE box_id = ANY ($1))` : 'box_id = ANY ($1)';
      return admin(`SELECT '${table}', count(*), md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM ${table} t WHERE NOT ${inBox}`, [
        gone,
      ]);
    });
    return Promise.all([...tables, admin(`SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM data_keys t`)]);
  }
  const countIn = async (boxId: string): Promise<number[]> => {
    const [row] = await admin<Record<string, number>>(
      `SELECT (SELECT count(*)::integer FROM boxes WHERE box_id = $1) AS boxes, (SELECT count(*)::integer FROM box_grants WHERE box_id = $1) AS grants,
        (SELECT count(*)::integer FROM items WHERE box_id = $1) AS items`,
      [boxId],
    );
    return Object.values(row ?? {});
  };

  test('takes boxes whose week is over with all that is in them, whatever the workspace, and nothing else', async () => {
    const kept = [await aFilledBox(acme, 2), await aDeletedBox(acme, 2, '6 days 23 hours 59 minutes')];
    const gone = [await anExpiredBox(3), await anExpiredBox(0), await anExpiredBox(2, globex)];
    const [rest, counts] = [await restOf(gone), await Promise.all(kept.map(countIn))];
    expect(await purge()).toMatchObject({ boxes: 3, items: 5 });
    expect(await restOf(gone)).toEqual(rest);
    expect(await Promise.all(kept.map(countIn))).toEqual(counts);
    for (const boxId of gone) expect(await countIn(boxId)).toEqual([0, 0, 0]);
    expect(await purge()).toMatchObject({ boxes: 0, items: 0 });
    expect(await acme.call('POST', `/boxes/${kept[1] ?? ''}/restore`)).toMatchObject({ status: 200 });
  });

  test('leaves an event for each box in its own workspace, by the system', async () => {
    const [ours, theirs] = [await anExpiredBox(1), await anExpiredBox(1, globex)];
    await purge();
    for (const [workspace, boxId, other] of [
      [acme, ours, theirs],
      [globex, theirs, ours],
    ] as const) {
      expect(await eventsOf(workspace.call, { type: 'box.purged', boxId })).toMatchObject([
        {
          type: 'box.purged',
          boxId,
          principal: { kind: 'system', role: 'system', id: 'system', name: 'Keyhold' },
          details: { name: expect.any(String), deletedAt: expect.any(String) },
        },
      ]);
      expect(await eventsOf(workspace.call, { type: 'box.purged', boxId: other })).toEqual([]);
    }
  });

  test('takes much in small steps', async () => {
    const boxId = await anExpiredBox(5);
    expect(await purge(2)).toMatchObject({ boxes: 1, items: 5 });
    expect(await countIn(boxId)).toEqual([0, 0, 0]);
  });

  test('that breaks off in the middle loses nothing that has not expired, and is finished by the next', async () => {
    const gone = [await anExpiredBox(4)];
    await aFilledBox(acme, 1);
    const rest = await restOf(gone);
    const way = await aWayTo(keyhold.database.workerUrl);
    await admin('BEGIN');
    await admin(`SELECT FROM items WHERE box_id = $1 ORDER BY item_id DESC LIMIT 1 FOR UPDATE`, [gone[0]]);
    const broken = expect(purgeExpired(way.url, { rowsAtOnce: 3 })).rejects.toThrow();
    await somebodyWaits();
    way.cut();
    await broken;
    await admin('ROLLBACK');
    expect(await restOf(gone)).toEqual(rest);
    const [boxes, , items] = await countIn(gone[0] ?? '');
    expect([boxes, items]).toEqual([1, 1]);
    await theWorkerIsGone();
    expect(await purge(3)).toMatchObject({ boxes: 1, items: 1 });
    expect(await restOf(gone)).toEqual(rest);
  });

  test('passes by a box that somebody holds, and one that cannot be purged, and takes the others', async () => {
    const [held, stuck, free] = [await anExpiredBox(1), await anExpiredBox(1), await anExpiredBox(1)];
    await admin('CREATE TABLE stuck (workspace_id uuid, box_id uuid, FOREIGN KEY (workspace_id, box_id) REFERENCES boxes)');
    await admin('INSERT INTO stuck VALUES ($1, $2)', [acme.id, stuck]);
    await admin('BEGIN');
    await admin('SELECT FROM boxes WHERE box_id = $1 FOR UPDATE', [held]);
    await expect(purge()).rejects.toMatchObject({ code: '23503' });
    await admin('ROLLBACK');
    expect([await countIn(held), await countIn(free)]).toEqual([
      [1, 2, 1],
      [0, 0, 0],
    ]);
    expect((await countIn(stuck))[0]).toBe(1);
    await admin('DROP TABLE stuck');
    expect(await purge()).toMatchObject({ boxes: 2 });
  });

  test('comes first where a box is to be restored at the last moment: the end of the week counts, not the time of asking', async () => {
    const boxId = await aDeletedBox(acme, 1, '6 days');
    await admin('BEGIN');
    await admin('SELECT FROM boxes WHERE box_id = $1 FOR UPDATE', [boxId]);
    const restoring = acme.call('POST', `/boxes/${boxId}/restore`);
    await somebodyWaits();
    await admin(`UPDATE boxes SET deleted_at = clock_timestamp() - interval '7 days' WHERE box_id = $1`, [boxId]);
    await admin('COMMIT');
    expect(await restoring).toMatchObject({ status: 404, body: { code: 'box_not_found' } });
  });

  test('is all that the worker may do: it neither sees nor changes what has not expired, and tells of nothing else', async () => {
    await purge();
    const [live, expired] = [await aFilledBox(acme, 1), await anExpiredBox(1)];
    const worker = new pg.Client({ connectionString: keyhold.database.workerUrl });
    await worker.connect();
    const rows = async (text: string) => (await worker.query<Record<string, unknown>>(text)).rows;
    expect(await rows('SELECT box_id FROM boxes')).toEqual([{ box_id: expired }]);
    expect(await rows('SELECT DISTINCT box_id FROM items')).toEqual([{ box_id: expired }]);
    expect(await rows('SELECT count(*)::integer AS count FROM item_versions')).toEqual([{ count: 2 }]);
    await expect(worker.query('UPDATE boxes SET updated_at = now()')).rejects.toThrow(/row-level security/);
    await expect(worker.query('UPDATE boxes SET deleted_at = NULL')).rejects.toThrow(/permission denied/);
    await expect(worker.query('SELECT name FROM items')).rejects.toThrow(/permission denied/);
    await expect(worker.query('SELECT ciphertext FROM item_versions')).rejects.toThrow(/permission denied/);
    await expect(worker.query('SELECT token_sha256 FROM sessions')).rejects.toThrow(/permission denied/);
    await expect(worker.query('SELECT * FROM audit_events')).rejects.toThrow(/permission denied/);
    const tell = (type: string, boxId: string, kind = 'system') =>
      worker.query(
        `INSERT INTO audit_events (workspace_id, event_id, type, principal_kind, principal_role, principal_id, principal_name, request_id, source_address, box_id)
         VALUES ($1, $2, $3, $4, '', '', '', '', '', $5)`,
        [acme.id, randomUUID(), type, kind, boxId],
      );
    await expect(tell('box.purged', live)).rejects.toThrow(/row-level security/);
    await expect(tell('box.deleted', expired)).rejects.toThrow(/row-level security/);
    await expect(tell('box.purged', expired, 'member')).rejects.toThrow(/row-level security/);
    await worker.end();
  });

  /** For what this transaction holds. */
  async function somebodyWaits(): Promise<void> {
    const waiting = 'SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))';
    while ((await admin(waiting)).length === 0);
  }

  async function theWorkerIsGone(): Promise<void> {
    while (
      (await admin(`SELECT FROM pg_stat_activity WHERE application_name = 'keyhold-worker' AND datname = current_database()`)).length > 0
    );
  }
});
