import type { Queries, Statement } from '#audit';

export const API_KEY_STATUSES = ['active', 'expired', 'revoked'] as const;
export type ApiKeyStatus = (typeof API_KEY_STATUSES)[number];

export interface StoredApiKey {
  api_key_id: string;
  name: string;
  scopes: string[];
  box_ids: string[] | null;
  created_by: string;
  created_at: Date;
  expires_at: Date | null;
  last_used_at: Date | null;
  status: ApiKeyStatus;
}

const COLUMNS = `api_key_id, name, scopes, box_ids, created_by, created_at, expires_at, last_used_at,
  CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN expires_at <= now() THEN 'expired' ELSE 'active' END AS status`;

const FIND: Statement = {
  name: 'api-key-show',
  text: `SELECT ${COLUMNS} FROM api_keys WHERE workspace_id = $1 AND api_key_id = $2`,
};

const LIST: Statement = {
  name: 'api-key-list',
  text: `SELECT ${COLUMNS} FROM api_keys WHERE workspace_id = $1 AND ($2::uuid IS NULL OR api_key_id < $2)
    ORDER BY api_key_id DESC LIMIT $3`,
};

const REVOKE: Statement = {
  name: 'api-key-revoke',
  text: `UPDATE api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE workspace_id = $1 AND api_key_id = $2 RETURNING ${COLUMNS}`,
};

/** Over all nodes at most one write a minute and key. */
export const NOTE_USES: Statement = {
  name: 'api-keys-note-uses',
  text: `UPDATE api_keys SET last_used_at = now()
    WHERE workspace_id = $1 AND api_key_id = ANY ($2) AND (last_used_at IS NULL OR last_used_at <= now() - interval '1 minute')`,
};

export async function findApiKey(tx: Queries, apiKeyId: string): Promise<StoredApiKey | undefined> {
  return (await tx.query<StoredApiKey>(FIND, [apiKeyId]))[0];
}

/** Newest first, after `before`. */
export function listApiKeys(tx: Queries, limit: number, before?: string): Promise<StoredApiKey[]> {
  return tx.query<StoredApiKey>(LIST, [before, limit]);
}

export async function revokeApiKey(tx: Queries, apiKeyId: string): Promise<StoredApiKey | undefined> {
  return (await tx.query<StoredApiKey>(REVOKE, [apiKeyId]))[0];
}
