import type { BoxState } from '#access';
import type { Queries, Statement } from '#audit';

/** Days for which a deletion can be undone. */
const UNDO_DAYS = 7;

/** Of a box that is called `b`: it is there, or can be restored. */
export const IN_RESTORABLE_BOX = `(b.deleted_at IS NULL OR b.deleted_at > clock_timestamp() - interval '${UNDO_DAYS} days')`;

const IN_UNDO_WINDOW = `b.deleted_at > clock_timestamp() - interval '${UNDO_DAYS} days'`;

const COLUMNS = `b.box_id, b.name, b.description, b.created_at, b.updated_at, b.deleted_at,
  b.deleted_at + interval '${UNDO_DAYS} days' AS purge_at, w.default_box_id = b.box_id AS is_default, o.group_id AS owner_group_id`;

/** A box whose time to be restored is over is not there, whether or not it was purged already. */
const FROM = `FROM boxes b JOIN workspaces w ON w.workspace_id = b.workspace_id
  LEFT JOIN box_grants o ON o.workspace_id = b.workspace_id AND o.box_id = b.box_id AND o.is_owner_group
  WHERE b.workspace_id = $1 AND CASE $2 WHEN 'live' THEN b.deleted_at IS NULL ELSE ${IN_UNDO_WINDOW} END`;

const INSERT: Statement = {
  name: 'box-insert',
  text: `INSERT INTO boxes (workspace_id, box_id, name, description) VALUES ($1, $2, $3, $4) RETURNING created_at`,
};

const FIND: Statement = { name: 'box-find', text: `SELECT ${COLUMNS} ${FROM} AND b.box_id = $3` };

/** Of two changes of a box or its grants that come at once the second waits; items come and go meanwhile. */
const LOCK: Statement = {
  name: 'box-lock',
  text: `SELECT 1 FROM boxes WHERE workspace_id = $1 AND box_id = $2 FOR NO KEY UPDATE`,
};

/** What concerns all boxes of a workspace, their number and which is the default one. Items, which point at it too, do not wait. */
const LOCK_WORKSPACE: Statement = {
  name: 'box-lock-workspace',
  text: `SELECT 1 FROM workspaces WHERE workspace_id = $1 FOR NO KEY UPDATE`,
};

const LIST: Statement = {
  name: 'box-list',
  text: `SELECT ${COLUMNS} ${FROM} AND ($3::uuid[] IS NULL OR b.box_id = ANY ($3)) AND ($4::uuid IS NULL OR b.box_id < $4)
    ORDER BY b.box_id DESC LIMIT $5`,
};

const UPDATE: Statement = {
  name: 'box-update',
  text: `UPDATE boxes SET name = coalesce($3, name), description = coalesce($4, description), updated_at = now()
    WHERE workspace_id = $1 AND box_id = $2`,
};

const DELETE: Statement = {
  name: 'box-delete',
  text: `UPDATE boxes SET deleted_at = clock_timestamp() WHERE workspace_id = $1 AND box_id = $2`,
};

const RESTORE: Statement = {
  name: 'box-restore',
  text: `UPDATE boxes SET deleted_at = NULL, name = coalesce($3, name), updated_at = now() WHERE workspace_id = $1 AND box_id = $2`,
};

const COUNT_ITEMS: Statement = {
  name: 'box-count-items',
  text: `SELECT count(*)::integer AS count FROM items WHERE workspace_id = $1 AND box_id = $2`,
};

/** It stays live until the transaction ends: a deletion waits. */
const HOLD_LIVE: Statement = {
  name: 'box-hold-live',
  text: `SELECT box_id FROM boxes WHERE workspace_id = $1 AND box_id = $2 AND deleted_at IS NULL FOR SHARE`,
};

/** The workspace's default box when none is named. */
const FIND_LIVE_ID: Statement = {
  name: 'box-find-live-id',
  text: `SELECT b.box_id FROM workspaces w JOIN boxes b ON b.workspace_id = w.workspace_id AND b.box_id = coalesce($2, w.default_box_id)
    WHERE w.workspace_id = $1 AND b.deleted_at IS NULL`,
};

const FIND_LIVE_IDS: Statement = {
  name: 'box-find-live-ids',
  text: `SELECT box_id FROM boxes WHERE workspace_id = $1 AND box_id = ANY ($2) AND deleted_at IS NULL ORDER BY box_id FOR SHARE`,
};

export interface StoredBox {
  box_id: string;
  name: string;
  description: string;
  created_at: Date;
  updated_at: Date;
  deleted_at: Date | null;
  purge_at: Date | null;
  is_default: boolean;
  /** Null in a box from before there were groups. */
  owner_group_id: string | null;
}

/** Undefined when there is no such box, or it is deleted. */
export async function findLiveBoxId(tx: Queries, boxId: string | undefined): Promise<string | undefined> {
  return (await tx.query<{ box_id: string }>(FIND_LIVE_ID, [boxId]))[0]?.box_id;
}

/** Those of them that are there and not deleted, and cannot be deleted before the transaction ends. */
export async function findLiveBoxIds(tx: Queries, boxIds: readonly string[]): Promise<string[]> {
  return (await tx.query<{ box_id: string }>(FIND_LIVE_IDS, [boxIds])).map(({ box_id }) => box_id);
}

export async function findBox(tx: Queries, boxId: string, state: BoxState): Promise<StoredBox | undefined> {
  return (await tx.query<StoredBox>(FIND, [state, boxId]))[0];
}

export async function lockBox(tx: Queries, boxId: string): Promise<void> {
  await tx.query(LOCK, [boxId]);
}

/** To be asked for before any box is locked. */
export async function lockBoxesOfWorkspace(tx: Queries): Promise<void> {
  await tx.query(LOCK_WORKSPACE);
}

/** Newest first, before `before`, of those named. */
export function listBoxes(
  tx: Queries,
  boxes: 'all' | readonly string[],
  state: BoxState,
  limit: number,
  before?: string,
): Promise<StoredBox[]> {
  return tx.query<StoredBox>(LIST, [state, boxes === 'all' ? undefined : boxes, before, limit]);
}

/** Answers when it was created. */
export async function insertBox(tx: Queries, box: { boxId: string; name: string; description: string }): Promise<Date> {
  const [row] = await tx.query<{ created_at: Date }>(INSERT, [box.boxId, box.name, box.description]);
  if (!row) throw new Error('an insert answered no row');
  return row.created_at;
}

/** What is not given stays. */
export async function updateBox(
  tx: Queries,
  boxId: string,
  change: { name?: string | undefined; description?: string | undefined },
): Promise<void> {
  await tx.query(UPDATE, [boxId, change.name, change.description]);
}

/** Grants and items stay, and count for nothing. */
export async function markBoxDeleted(tx: Queries, boxId: string): Promise<void> {
  await tx.query(DELETE, [boxId]);
}

/** @param name another than it had, when given */
export async function markBoxRestored(tx: Queries, boxId: string, name: string | undefined): Promise<void> {
  await tx.query(RESTORE, [boxId, name]);
}

export async function countItems(tx: Queries, boxId: string): Promise<number> {
  return (await tx.query<{ count: number }>(COUNT_ITEMS, [boxId]))[0]?.count ?? 0;
}

/** Keeps the box from being deleted until the transaction ends. False when it is not there, or deleted. */
export async function holdLiveBox(tx: Queries, boxId: string): Promise<boolean> {
  return (await tx.query(HOLD_LIVE, [boxId])).length === 1;
}
