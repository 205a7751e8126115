import type { MemberRole, MemberStatus } from '#access';
import type { Queries, Statement } from '#audit';

/** What may be told about a member: nothing that signs them in. */
export interface StoredMember {
  member_id: string;
  email: string;
  name: string;
  role: MemberRole;
  status: MemberStatus;
  invitation_expires_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

export interface MemberFilter {
  role?: MemberRole | undefined;
  status?: MemberStatus | undefined;
}

const COLUMNS = 'member_id, email, name, role, status, invitation_expires_at, created_at, updated_at';

const FIND: Statement = {
  name: 'member-show',
  text: `SELECT ${COLUMNS} FROM members WHERE workspace_id = $1 AND member_id = $2`,
};

const LIST: Statement = {
  name: 'member-list',
  text: `SELECT ${COLUMNS} FROM members
    WHERE workspace_id = $1 AND ($2::text IS NULL OR role = $2) AND ($3::text IS NULL OR status = $3) AND ($4::uuid IS NULL OR member_id < $4)
    ORDER BY member_id DESC LIMIT $5`,
};

const GRANTS_OF: Statement = {
  name: 'member-grants',
  text: `SELECT box_id, grant_id, role FROM box_grants WHERE workspace_id = $1 AND member_id = $2 ORDER BY grant_id`,
};

const GROUPS_OF: Statement = {
  name: 'member-groups',
  text: `SELECT group_id FROM group_members WHERE workspace_id = $1 AND member_id = $2 ORDER BY group_id`,
};

/** Directly or by a group; those that can be restored count too. */
const BOXES_OF: Statement = {
  name: 'member-boxes',
  text: `SELECT DISTINCT box_id FROM box_grants WHERE workspace_id = $1 AND (member_id = $2
      OR group_id IN (SELECT group_id FROM group_members WHERE workspace_id = $1 AND member_id = $2))`,
};

const FORGET_IDENTITIES: Statement = {
  name: 'member-forget-identities',
  text: `DELETE FROM member_identities WHERE workspace_id = $1 AND member_id = $2 RETURNING provider_id`,
};

const FIND_OWNER: Statement = {
  name: 'member-find-owner',
  text: `SELECT member_id FROM members WHERE workspace_id = $1 AND role = 'owner'`,
};

const DELETE: Statement = { name: 'member-delete', text: `DELETE FROM members WHERE workspace_id = $1 AND member_id = $2` };

export async function findMember(tx: Queries, memberId: string): Promise<StoredMember | undefined> {
  return (await tx.query<StoredMember>(FIND, [memberId]))[0];
}

/** Newest first, after `before`. */
export function listMembers(tx: Queries, filter: MemberFilter, limit: number, before?: string): Promise<StoredMember[]> {
  return tx.query<StoredMember>(LIST, [filter.role, filter.status, before, limit]);
}

export interface GrantOfMember {
  box_id: string;
  grant_id: string;
  role: string;
}

/** What names the member, and goes when the member goes. */
export async function tiesOf(tx: Queries, memberId: string): Promise<{ grants: GrantOfMember[]; groupIds: string[] }> {
  const grants = tx.query<GrantOfMember>(GRANTS_OF, [memberId]);
  const groups = await tx.query<{ group_id: string }>(GROUPS_OF, [memberId]);
  return { grants: await grants, groupIds: groups.map(({ group_id }) => group_id) };
}

/** With sessions, identities, memberships and grants. */
export async function deleteMember(tx: Queries, memberId: string): Promise<void> {
  await tx.query(DELETE, [memberId]);
}

/** Ids of the boxes that grants open to the member. */
export async function boxesOfMember(tx: Queries, memberId: string): Promise<string[]> {
  return (await tx.query<{ box_id: string }>(BOXES_OF, [memberId])).map(({ box_id }) => box_id);
}

/** No identity provider knows the member any more. Answers which ones did. */
export async function forgetIdentities(tx: Queries, memberId: string): Promise<string[]> {
  return (await tx.query<{ provider_id: string }>(FORGET_IDENTITIES, [memberId])).map(({ provider_id }) => provider_id);
}

/** Who it is now; undefined when there is no such workspace. */
export async function findOwnerId(tx: Queries): Promise<string | undefined> {
  return (await tx.query<{ member_id: string }>(FIND_OWNER))[0]?.member_id;
}
