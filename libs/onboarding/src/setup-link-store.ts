import type { Queries, Statement } from '#audit';

export const SETUP_LINK_STATUSES = ['active', 'expired', 'revoked'] as const;
export type SetupLinkStatus = (typeof SETUP_LINK_STATUSES)[number];

export interface StoredSetupLink {
  link_id: string;
  name: string;
  shows_workspace_name: boolean;
  created_by: string;
  created_at: Date;
  expires_at: Date;
  proposals: number;
  status: SetupLinkStatus;
}

const COLUMNS = `link_id, name, shows_workspace_name, created_by, created_at, expires_at,
  (SELECT count(*)::integer FROM setup_proposals p WHERE p.workspace_id = l.workspace_id AND p.link_id = l.link_id) AS proposals,
  CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN expires_at <= now() THEN 'expired' ELSE 'active' END AS status`;

const FIND: Statement = {
  name: 'setup-link-show',
  text: `SELECT ${COLUMNS} FROM setup_links l WHERE workspace_id = $1 AND link_id = $2`,
};

const LIST: Statement = {
  name: 'setup-link-list',
  text: `SELECT ${COLUMNS} FROM setup_links l WHERE workspace_id = $1 AND ($2::uuid IS NULL OR link_id < $2) ORDER BY link_id DESC LIMIT $3`,
};

/** Weaker than FOR UPDATE, which would wait for every insert of the workspace. */
const LOCK_WORKSPACE: Statement = {
  name: 'setup-link-lock-workspace',
  text: 'SELECT FROM workspaces WHERE workspace_id = $1 FOR NO KEY UPDATE',
};

const COUNT_ACTIVE: Statement = {
  name: 'setup-link-count-active',
  text: `SELECT count(*)::integer AS count FROM setup_links WHERE workspace_id = $1 AND revoked_at IS NULL AND expires_at > now()`,
};

/** Nobody can revoke it, and no other value can come through it, meanwhile. */
const LOCK_ACTIVE: Statement = {
  name: 'setup-link-lock-active',
  text: `SELECT link_id FROM setup_links WHERE workspace_id = $1 AND link_id = $2 AND revoked_at IS NULL AND expires_at > now()
    FOR NO KEY UPDATE`,
};

const REVOKE: Statement = {
  name: 'setup-link-revoke',
  text: `UPDATE setup_links SET revoked_at = now() WHERE workspace_id = $1 AND link_id = $2 AND revoked_at IS NULL RETURNING link_id`,
};

export async function findSetupLink(tx: Queries, linkId: string): Promise<StoredSetupLink | undefined> {
  return (await tx.query<StoredSetupLink>(FIND, [linkId]))[0];
}

/** Newest first, after `before`. */
export function listSetupLinks(tx: Queries, limit: number, before?: string): Promise<StoredSetupLink[]> {
  return tx.query<StoredSetupLink>(LIST, [before, limit]);
}

/** How many can be used; the answer holds until the transaction ends. Two statements: one would count as of before it waited. */
export async function countActiveSetupLinks(tx: Queries): Promise<number> {
  await tx.query(LOCK_WORKSPACE);
  return (await tx.query<{ count: number }>(COUNT_ACTIVE))[0]?.count ?? 0;
}

/** False when it cannot be used any more. */
export async function lockActiveSetupLink(tx: Queries, linkId: string): Promise<boolean> {
  return (await tx.query(LOCK_ACTIVE, [linkId])).length === 1;
}

/** False when it was revoked before. */
export async function revokeSetupLink(tx: Queries, linkId: string): Promise<boolean> {
  return (await tx.query(REVOKE, [linkId])).length === 1;
}
