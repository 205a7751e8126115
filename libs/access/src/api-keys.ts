import { randomUUIDv7 } from 'node:crypto';
import type { Queries, Statement } from '#audit';
import { type Action, SCOPES } from './actions.js';
import type { RowMacs } from './row-macs.js';
import { newWorkspaceToken, tokenDigest } from './tokens.js';

const FIND: Statement = {
  name: 'api-key-find',
  text: `SELECT api_key_id, name, scopes, box_ids, expires_at, token_sha256, mac FROM api_keys
    WHERE workspace_id = $1 AND token_sha256 = $2 AND revoked_at IS NULL`,
};

/** Nobody can revoke it meanwhile. */
const HOLD: Statement = {
  name: 'api-key-hold',
  text: `SELECT api_key_id, name, scopes, box_ids, expires_at, token_sha256, mac FROM api_keys
    WHERE workspace_id = $1 AND api_key_id = $2 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) FOR SHARE`,
};

/** Those that count now and are for the box named, or for every box when none is. */
const LIST_COUNTING: Statement = {
  name: 'api-keys-counting',
  text: `SELECT api_key_id, name, scopes, box_ids, expires_at, token_sha256, mac FROM api_keys
    WHERE workspace_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
      AND (box_ids IS NULL OR $2 = ANY (box_ids)) AND scopes && $3 AND ($4::uuid IS NULL OR api_key_id > $4)
    ORDER BY api_key_id LIMIT $5`,
};

const INSERT: Statement = {
  name: 'api-key-insert',
  text: `INSERT INTO api_keys (workspace_id, api_key_id, name, scopes, box_ids, token_sha256, mac, created_by, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
};

interface Row {
  api_key_id: string;
  name: string;
  scopes: string[];
  box_ids: string[] | null;
  expires_at: Date | null;
  token_sha256: Buffer;
  mac: Buffer;
}

/** A key of a service as the authenticator knows it. */
export interface ApiKey {
  apiKeyId: string;
  name: string;
  scopes: readonly Action[];
  /** The boxes it is for; every box when undefined. */
  boxIds: readonly string[] | undefined;
  expiresAt: Date | undefined;
}

export interface ApiKeyOrder {
  workspaceId: string;
  name: string;
  scopes: readonly Action[];
  boxIds?: readonly string[] | undefined;
  expiresAt?: Date | undefined;
  /** Id of the principal. */
  createdBy: string;
}

/** A new key: its text, which nobody can be told again, and the row that makes it valid. */
export interface MintedApiKey {
  token: string;
  apiKeyId: string;
  insert(tx: Queries): Promise<void>;
}

export function mintApiKey(macs: RowMacs, order: ApiKeyOrder): MintedApiKey {
  const token = newWorkspaceToken('api_key', order.workspaceId);
  const digest = tokenDigest(token);
  const apiKeyId = randomUUIDv7();
  const { name, scopes, boxIds = null, expiresAt = null, createdBy } = order;
  const mac = macs.of('api-key', macFields(order.workspaceId, { apiKeyId, scopes, boxIds, expiresAt, digest }));
  return {
    token,
    apiKeyId,
    insert: async (tx) => {
      await tx.query(INSERT, [apiKeyId, name, scopes, boxIds, digest, mac, createdBy, expiresAt]);
    },
  };
}

/** Undefined when it is unknown, revoked, expired, or was written by somebody else. */
export async function findApiKey(tx: Queries, macs: RowMacs, workspaceId: string, digest: Buffer): Promise<ApiKey | undefined> {
  const [row] = await tx.query<Row>(FIND, [digest]);
  return row && genuineKey(macs, workspaceId, row);
}

/** As it stands now, until the act is over. Undefined when it is revoked, expired, or was written by somebody else. */
export async function holdApiKey(tx: Queries, macs: RowMacs, workspaceId: string, apiKeyId: string): Promise<ApiKey | undefined> {
  const [row] = await tx.query<Row>(HOLD, [apiKeyId]);
  return row && genuineKey(macs, workspaceId, row);
}

/**
 * Keys that have one of the scopes and are neither revoked nor expired, by id, after `after`: those for this box or every box,
 * or for every box alone when none is named. One that somebody else wrote is undefined.
 */
export async function listCountingKeys(
  tx: Queries,
  macs: RowMacs,
  workspaceId: string,
  { boxId, scopes }: { boxId: string | undefined; scopes: readonly Action[] },
  limit: number,
  after?: string,
): Promise<{ apiKeyId: string; key: ApiKey | undefined }[]> {
  const rows = await tx.query<Row>(LIST_COUNTING, [boxId, scopes, after, limit]);
  return rows.map((row) => ({ apiKeyId: row.api_key_id, key: genuineKey(macs, workspaceId, row) }));
}

function genuineKey(macs: RowMacs, workspaceId: string, row: Row): ApiKey | undefined {
  const { api_key_id: apiKeyId, scopes, box_ids: boxIds, expires_at: expiresAt } = row;
  if (!macs.isOurs('api-key', macFields(workspaceId, { apiKeyId, scopes, boxIds, expiresAt, digest: row.token_sha256 }), row.mac))
    return undefined;
  return { apiKeyId, name: row.name, scopes: scopes.filter(isScope), boxIds: boxIds ?? undefined, expiresAt: expiresAt ?? undefined };
}

interface Deciding {
  apiKeyId: string;
  scopes: readonly string[];
  boxIds: readonly string[] | null;
  expiresAt: Date | null;
  digest: Buffer;
}

function macFields(workspaceId: string, { apiKeyId, scopes, boxIds, expiresAt, digest }: Deciding) {
  return [workspaceId, apiKeyId, scopes, boxIds, expiresAt && expiresAt.toISOString(), digest] as const;
}

/** A scope that this version does not know allows nothing. */
function isScope(text: string): text is Action {
  return (SCOPES as readonly string[]).includes(text);
}
