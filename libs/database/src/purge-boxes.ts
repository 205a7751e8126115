import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { theSystem } from '#access';
import { type AuditEvent, appendEvents } from '#audit';

export interface PurgedBoxes {
  boxes: number;
  items: number;
}

/** The row policies show boxes whose deletion can no longer be undone, and no others. The lock keeps restoring and purging apart. */
const NEXT_BOX = `SELECT workspace_id, box_id, name, deleted_at FROM boxes WHERE box_id <> ALL ($1)
  ORDER BY deleted_at LIMIT 1 FOR UPDATE SKIP LOCKED`;

const DELETE_VERSIONS = `DELETE FROM item_versions WHERE (workspace_id, item_id, version) IN (
    SELECT v.workspace_id, v.item_id, v.version FROM items i JOIN item_versions v ON v.workspace_id = i.workspace_id AND v.item_id = i.item_id
    WHERE i.workspace_id = $1 AND i.box_id = $2 ORDER BY v.item_id, v.version LIMIT $3)`;

const DELETE_ITEMS = `DELETE FROM items WHERE (workspace_id, item_id) IN (
    SELECT workspace_id, item_id FROM items WHERE workspace_id = $1 AND box_id = $2 ORDER BY item_id LIMIT $3)`;

/** Its grants go with it. */
const DELETE_BOX = `DELETE FROM boxes WHERE workspace_id = $1 AND box_id = $2`;

/** One run does no more than this, so that a worker that is stopped does not wait; the next run goes on. */
const STEPS_MAX = 500;

interface ExpiredBox {
  workspace_id: string;
  box_id: string;
  name: string;
  deleted_at: Date;
}

/**
 * Deletes expired boxes with what is in them, in steps that are committed one by one: one that breaks off leaves a box that is
 * expired still. Data keys stay, since items of other boxes may be sealed under them. A box that cannot be purged keeps no
 * other from it; the first failure is thrown in the end.
 */
export async function purgeBoxes(client: Client, rowsAtOnce: number): Promise<PurgedBoxes> {
  const purged = { boxes: 0, items: 0 };
  const failures = new Map<string, unknown>();
  const run: Run = { client, rowsAtOnce, requestId: randomUUID() };
  for (let steps = 0; steps < STEPS_MAX; steps += 1) {
    const step = await purgeNext(run, failures);
    if (!step) break;
    purged.boxes += step.boxes;
    purged.items += step.items;
  }
  if (failures.size > 0) throw failures.values().next().value;
  return purged;
}

interface Run {
  client: Client;
  rowsAtOnce: number;
  requestId: string;
}

/** One step with the box that expired first; undefined when there is none any more. */
async function purgeNext(run: Run, failures: Map<string, unknown>): Promise<PurgedBoxes | undefined> {
  const { client } = run;
  await client.query('BEGIN');
  const [box] = (await client.query<ExpiredBox>(NEXT_BOX, [[...failures.keys()]])).rows;
  try {
    const step = box && (await purgeSome(run, box));
    await client.query('COMMIT');
    return step;
  } catch (error) {
    await client.query('ROLLBACK'); // fails too, and ends the run, when the connection is the cause
    if (!box) throw error;
    failures.set(box.box_id, error);
    return { boxes: 0, items: 0 };
  }
}

/** Versions before their items, items before their box; the next only when nothing of the one before is left. */
async function purgeSome({ client, rowsAtOnce, requestId }: Run, box: ExpiredBox): Promise<PurgedBoxes> {
  const some = [box.workspace_id, box.box_id, rowsAtOnce];
  const versions = (await client.query(DELETE_VERSIONS, some)).rowCount ?? 0;
  if (versions === rowsAtOnce) return { boxes: 0, items: 0 };
  const items = (await client.query(DELETE_ITEMS, some)).rowCount ?? 0;
  if (items === rowsAtOnce) return { boxes: 0, items };
  await record(client, box, requestId);
  await client.query(DELETE_BOX, [box.workspace_id, box.box_id]);
  return { boxes: 1, items };
}

/** While the box is there still: of no other may the worker tell. */
async function record(client: Client, { workspace_id, box_id: boxId, name, deleted_at }: ExpiredBox, requestId: string): Promise<void> {
  const event: AuditEvent = { type: 'box.purged', boxId, details: { name, deletedAt: deleted_at.toISOString() } };
  const { statement, values } = appendEvents(theSystem(workspace_id, requestId), event);
  await client.query(statement.text, [workspace_id, ...values]);
}
