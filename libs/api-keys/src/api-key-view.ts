import type { ApiKeyStatus, StoredApiKey } from './api-key-store.js';

export interface ApiKeyView {
  id: string;
  name: string;
  scopes: string[];
  /** Null when it is for every box. */
  boxIds: string[] | null;
  /** Id of the principal. */
  createdBy: string;
  createdAt: string;
  /** Null when it never expires. */
  expiresAt: string | null;
  /** To about a minute. */
  lastUsedAt: string | null;
  status: ApiKeyStatus;
}

export function apiKeyView(row: StoredApiKey): ApiKeyView {
  return {
    id: row.api_key_id,
    name: row.name,
    scopes: row.scopes,
    boxIds: row.box_ids,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at?.toISOString() ?? null,
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    status: row.status,
  };
}
