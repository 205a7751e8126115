import type { MemberRole, MemberStatus } from '#access';
import type { Queries, Statement } from '#audit';

export interface NewGroup {
  groupId: string;
  name: string;
  /** The claim of an identity provider that puts members in; without it the group is local. */
  source?: { providerId: string; claimValue: string } | undefined;
}

export interface StoredGroup {
  group_id: string;
  name: string;
  provider_id: string | null;
  claim_value: string | null;
  created_at: Date;
  member_count: number;
}

export interface StoredGroupMember {
  member_id: string;
  email: string;
  name: string;
  role: MemberRole;
  status: MemberStatus;
  added_at: Date;
}

const INSERT: Statement = {
  name: 'group-insert',
  text: `INSERT INTO groups (workspace_id, group_id, name, provider_id, claim_value) VALUES ($1, $2, $3, $4, $5) RETURNING created_at`,
};

const WHOLE = `SELECT g.group_id, g.name, g.provider_id, g.claim_value, g.created_at,
    (SELECT count(*)::integer FROM group_members m WHERE m.workspace_id = g.workspace_id AND m.group_id = g.group_id) AS member_count
  FROM groups g WHERE g.workspace_id = $1`;

const FIND: Statement = { name: 'group-find', text: `${WHOLE} AND g.group_id = $2` };

const LIST: Statement = {
  name: 'group-list',
  text: `${WHOLE} AND ($2::uuid IS NULL OR g.group_id < $2) ORDER BY g.group_id DESC LIMIT $3`,
};

const DELETE: Statement = { name: 'group-delete', text: `DELETE FROM groups WHERE workspace_id = $1 AND group_id = $2 RETURNING group_id` };

/** Those that can be restored count too. */
const BOXES: Statement = {
  name: 'group-boxes',
  text: `SELECT DISTINCT box_id FROM box_grants WHERE workspace_id = $1 AND group_id = $2`,
};

const LIST_MEMBERS: Statement = {
  name: 'group-member-list',
  text: `SELECT m.member_id, m.email, m.name, m.role, m.status, g.added_at
    FROM group_members g JOIN members m ON m.workspace_id = g.workspace_id AND m.member_id = g.member_id
    WHERE g.workspace_id = $1 AND g.group_id = $2 AND ($3::uuid IS NULL OR g.member_id < $3)
    ORDER BY g.member_id DESC LIMIT $4`,
};

const HAS_MEMBER: Statement = {
  name: 'group-has-member',
  text: `SELECT 1 FROM group_members WHERE workspace_id = $1 AND group_id = $2 AND member_id = $3`,
};

const DELETE_MEMBER: Statement = {
  name: 'group-member-delete',
  text: `DELETE FROM group_members WHERE workspace_id = $1 AND group_id = $2 AND member_id = $3 RETURNING member_id`,
};

/** Answers when it was created. */
export async function insertGroup(tx: Queries, { groupId, name, source }: NewGroup): Promise<Date> {
  const [row] = await tx.query<{ created_at: Date }>(INSERT, [groupId, name, source?.providerId, source?.claimValue]);
  if (!row) throw new Error('an insert answered no row');
  return row.created_at;
}

export async function findGroup(tx: Queries, groupId: string): Promise<StoredGroup | undefined> {
  return (await tx.query<StoredGroup>(FIND, [groupId]))[0];
}

/** Newest first, after `before`. */
export function listGroups(tx: Queries, limit: number, before?: string): Promise<StoredGroup[]> {
  return tx.query<StoredGroup>(LIST, [before, limit]);
}

/** False when it is gone already. */
export async function deleteGroup(tx: Queries, groupId: string): Promise<boolean> {
  return (await tx.query(DELETE, [groupId])).length === 1;
}

/** Ids of the boxes that are granted to the group. */
export async function boxesOfGroup(tx: Queries, groupId: string): Promise<string[]> {
  return (await tx.query<{ box_id: string }>(BOXES, [groupId])).map(({ box_id }) => box_id);
}

/** By their ids, downwards, after `before`. */
export function listGroupMembers(tx: Queries, groupId: string, limit: number, before?: string): Promise<StoredGroupMember[]> {
  return tx.query<StoredGroupMember>(LIST_MEMBERS, [groupId, before, limit]);
}

export async function isInGroup(tx: Queries, groupId: string, memberId: string): Promise<boolean> {
  return (await tx.query(HAS_MEMBER, [groupId, memberId])).length === 1;
}

/** False when the member is not in the group. */
export async function deleteMembership(tx: Queries, groupId: string, memberId: string): Promise<boolean> {
  return (await tx.query(DELETE_MEMBER, [groupId, memberId])).length === 1;
}
