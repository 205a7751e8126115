import type { SetupLinkStatus, StoredSetupLink } from './setup-link-store.js';

export interface SetupLinkView {
  id: string;
  name: string;
  /** Whether whoever opens it is told what the workspace is called. */
  showsWorkspaceName: boolean;
  /** Id of the principal. */
  createdBy: string;
  createdAt: string;
  expiresAt: string;
  status: SetupLinkStatus;
  /** How many came through it and were not discarded. */
  proposals: number;
}

export function setupLinkView(row: StoredSetupLink): SetupLinkView {
  return {
    id: row.link_id,
    name: row.name,
    showsWorkspaceName: row.shows_workspace_name,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    status: row.status,
    proposals: row.proposals,
  };
}
