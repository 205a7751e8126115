import { createHash, randomBytes } from 'node:crypto';

/**
 * `khw_<workspace, 32 hex>_<256 random bits, base64url>` for a workspace, `kho_<256 random bits, base64url>` for the operator.
 * The workspace stands in the token so that it can be looked up inside that workspace alone; the digest covers the whole, so
 * a token with another workspace written into it is no token.
 */
const WORKSPACE_TOKEN = /^khw_([0-9a-f]{32})_[A-Za-z0-9_-]{43}$/;
const OPERATOR_TOKEN = /^kho_[A-Za-z0-9_-]{43}$/;

export function newWorkspaceToken(workspaceId: string): string {
  return `khw_${workspaceId.replaceAll('-', '')}_${randomBytes(32).toString('base64url')}`;
}

/** Which workspace a token claims; proves nothing yet. */
export function claimedBy(token: string): { workspaceId: string } | 'operator' | undefined {
  if (OPERATOR_TOKEN.test(token)) return 'operator';
  const hex = WORKSPACE_TOKEN.exec(token)?.[1];
  if (!hex) return undefined;
  return { workspaceId: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') };
}

/** 256 random bits need no slow hash. */
export function tokenDigest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
