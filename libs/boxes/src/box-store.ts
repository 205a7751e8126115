import type { Queries, Statement } from '#audit';

const INSERT: Statement = {
  name: 'box-insert',
  text: `INSERT INTO boxes (workspace_id, box_id, name, description) VALUES ($1, $2, $3, $4) RETURNING created_at`,
};

/** The workspace's default box when none is named. */
const FIND_LIVE_ID: Statement = {
  name: 'box-find-live-id',
  text: `SELECT b.box_id FROM workspaces w JOIN boxes b ON b.workspace_id = w.workspace_id AND b.box_id = coalesce($2, w.default_box_id)
    WHERE w.workspace_id = $1 AND b.deleted_at IS NULL`,
};

/** Undefined when there is no such box, or it is deleted. */
export async function findLiveBoxId(tx: Queries, boxId: string | undefined): Promise<string | undefined> {
  return (await tx.query<{ box_id: string }>(FIND_LIVE_ID, [boxId]))[0]?.box_id;
}

/** Answers when it was created. */
export async function insertBox(tx: Queries, box: { boxId: string; name: string; description: string }): Promise<Date> {
  const [row] = await tx.query<{ created_at: Date }>(INSERT, [box.boxId, box.name, box.description]);
  if (!row) throw new Error('an insert answered no row');
  return row.created_at;
}
