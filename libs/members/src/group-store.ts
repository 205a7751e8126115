import type { Queries, Statement } from '#audit';

const INSERT: Statement = {
  name: 'group-insert',
  text: `INSERT INTO groups (workspace_id, group_id, name, provider_id, claim_value) VALUES ($1, $2, $3, $4, $5) RETURNING created_at`,
};

export interface NewGroup {
  groupId: string;
  name: string;
  /** The claim of an identity provider that puts members in; without it the group is local. */
  source?: { providerId: string; claimValue: string };
}

/** Answers when it was created. */
export async function insertGroup(tx: Queries, { groupId, name, source }: NewGroup): Promise<Date> {
  const [row] = await tx.query<{ created_at: Date }>(INSERT, [groupId, name, source?.providerId, source?.claimValue]);
  if (!row) throw new Error('an insert answered no row');
  return row.created_at;
}
