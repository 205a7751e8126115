import { randomUUIDv7 } from 'node:crypto';
import type { Queries, Statement } from '#audit';
import type { RowMacs } from './row-macs.js';
import { newWorkspaceToken, tokenDigest } from './tokens.js';

const INSERT: Statement = {
  name: 'setup-link-insert',
  text: `INSERT INTO setup_links (workspace_id, link_id, name, shows_workspace_name, token_sha256, mac, created_by, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
};

const FIND: Statement = {
  name: 'setup-link-find',
  text: `SELECT link_id, name, shows_workspace_name, expires_at, token_sha256, mac,
      extract(epoch FROM expires_at - now())::float8 AS seconds_left
    FROM setup_links WHERE workspace_id = $1 AND token_sha256 = $2 AND revoked_at IS NULL AND expires_at > now()`,
};

export interface SetupLinkOrder {
  workspaceId: string;
  /** What it is called in the trail. */
  name: string;
  showsWorkspaceName: boolean;
  expiresAt: Date;
  /** Id of the principal. */
  createdBy: string;
}

/** A new link: its token, which nobody can be told again, and the row that makes it valid. */
export interface MintedSetupLink {
  token: string;
  linkId: string;
  insert(tx: Queries): Promise<void>;
}

export function mintSetupLink(macs: RowMacs, order: SetupLinkOrder): MintedSetupLink {
  const { workspaceId, name, showsWorkspaceName, expiresAt, createdBy } = order;
  const token = newWorkspaceToken('setup_link', workspaceId);
  const digest = tokenDigest(token);
  const linkId = randomUUIDv7();
  const mac = macs.of('setup-link', macFields(workspaceId, { linkId, showsWorkspaceName, expiresAt, digest }));
  return {
    token,
    linkId,
    insert: async (tx) => {
      await tx.query(INSERT, [linkId, name, showsWorkspaceName, digest, mac, createdBy, expiresAt]);
    },
  };
}

/** A link that can be used. */
export interface SetupLink {
  linkId: string;
  name: string;
  /** By the clock of the database, when it was looked up. */
  secondsLeft: number;
}

interface Row {
  link_id: string;
  name: string;
  shows_workspace_name: boolean;
  expires_at: Date;
  token_sha256: Buffer;
  mac: Buffer;
  seconds_left: number;
}

/** Undefined when it is unknown, revoked, expired, or was written by somebody else. */
export async function findSetupLink(tx: Queries, macs: RowMacs, workspaceId: string, digest: Buffer): Promise<SetupLink | undefined> {
  const [row] = await tx.query<Row>(FIND, [digest]);
  if (!row) return undefined;
  const { link_id: linkId, shows_workspace_name: showsWorkspaceName, expires_at: expiresAt, token_sha256 } = row;
  const fields = macFields(workspaceId, { linkId, showsWorkspaceName, expiresAt, digest: token_sha256 });
  return macs.isOurs('setup-link', fields, row.mac) ? { linkId, name: row.name, secondsLeft: row.seconds_left } : undefined;
}

interface Deciding {
  linkId: string;
  showsWorkspaceName: boolean;
  expiresAt: Date;
  digest: Buffer;
}

function macFields(workspaceId: string, { linkId, showsWorkspaceName, expiresAt, digest }: Deciding) {
  return [workspaceId, linkId, showsWorkspaceName, expiresAt.toISOString(), digest] as const;
}
