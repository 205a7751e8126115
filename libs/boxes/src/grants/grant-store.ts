import type { GrantRow } from '#access';
import type { Queries, Statement } from '#audit';

const COLUMNS = `g.box_id, g.grant_id, g.member_id, g.group_id, g.iam_arn, g.pinned_unique_id, g.role, g.is_owner_group, g.mac, g.created_at,
  m.name AS member_name, m.email AS member_email, p.name AS group_name`;

const FROM = `FROM box_grants g
  LEFT JOIN members m ON m.workspace_id = g.workspace_id AND m.member_id = g.member_id
  LEFT JOIN groups p ON p.workspace_id = g.workspace_id AND p.group_id = g.group_id
  WHERE g.workspace_id = $1 AND g.box_id = $2`;

const FIND: Statement = { name: 'box-grant-find', text: `SELECT ${COLUMNS} ${FROM} AND g.grant_id = $3` };

const FIND_OF_GROUP: Statement = { name: 'box-grant-find-of-group', text: `SELECT ${COLUMNS} ${FROM} AND g.group_id = $3` };

const LIST: Statement = {
  name: 'box-grant-list',
  text: `SELECT ${COLUMNS} ${FROM} AND ($3::uuid IS NULL OR g.grant_id < $3) ORDER BY g.grant_id DESC LIMIT $4`,
};

const COUNT: Statement = {
  name: 'box-grant-count',
  text: `SELECT count(*)::integer AS count FROM box_grants WHERE workspace_id = $1 AND box_id = $2`,
};

const DELETE: Statement = {
  name: 'box-grant-delete',
  text: `DELETE FROM box_grants WHERE workspace_id = $1 AND box_id = $2 AND grant_id = $3`,
};

/** A grant, and what whom it names is called. */
export interface StoredGrant extends GrantRow {
  created_at: Date;
  member_name: string | null;
  member_email: string | null;
  group_name: string | null;
}

export async function findGrant(tx: Queries, boxId: string, grantId: string): Promise<StoredGrant | undefined> {
  return (await tx.query<StoredGrant>(FIND, [boxId, grantId]))[0];
}

export async function findGrantOfGroup(tx: Queries, boxId: string, groupId: string): Promise<StoredGrant | undefined> {
  return (await tx.query<StoredGrant>(FIND_OF_GROUP, [boxId, groupId]))[0];
}

/** Newest first, before `before`. */
export function listGrants(tx: Queries, boxId: string, limit: number, before?: string): Promise<StoredGrant[]> {
  return tx.query<StoredGrant>(LIST, [boxId, before, limit]);
}

export async function countGrants(tx: Queries, boxId: string): Promise<number> {
  return (await tx.query<{ count: number }>(COUNT, [boxId]))[0]?.count ?? 0;
}

export async function deleteGrant(tx: Queries, boxId: string, grantId: string): Promise<void> {
  await tx.query(DELETE, [boxId, grantId]);
}
