import { createHash, randomBytes } from 'node:crypto';

/**
 * Of what the tokens of a workspace are: a service's key, a session, the invitation of a member, which signs nobody in, and a
 * link for the customer's AWS administrators.
 */
const PREFIXES = { api_key: 'khw', session: 'khs', invitation: 'khi', setup_link: 'khl' } as const;
export type WorkspaceTokenKind = keyof typeof PREFIXES;

/**
 * `<prefix>_<workspace, 32 hex>_<256 random bits, base64url>` for a workspace, `kho_<256 random bits, base64url>` for the
 * operator. The workspace stands in the token so that it can be looked up inside that workspace alone; the digest covers the
 * whole, so a token with another workspace written into it is no token.
 */
const WORKSPACE_TOKEN = /^(kh[wsil])_([0-9a-f]{32})_[A-Za-z0-9_-]{43}$/;
const OPERATOR_TOKEN = /^kho_[A-Za-z0-9_-]{43}$/;

export type ClaimedToken = { kind: 'operator' } | { kind: WorkspaceTokenKind; workspaceId: string };

export function newWorkspaceToken(kind: WorkspaceTokenKind, workspaceId: string): string {
  return `${PREFIXES[kind]}_${workspaceId.replaceAll('-', '')}_${randomBytes(32).toString('base64url')}`;
}

/** What a token claims to be; proves nothing yet. */
export function claimedBy(token: string): ClaimedToken | undefined {
  if (OPERATOR_TOKEN.test(token)) return { kind: 'operator' };
  const [, prefix, hex] = WORKSPACE_TOKEN.exec(token) ?? [];
  const kind = KINDS.find((candidate) => PREFIXES[candidate] === prefix);
  if (!kind || !hex) return undefined;
  return { kind, workspaceId: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') };
}

const KINDS = ['api_key', 'session', 'invitation', 'setup_link'] as const satisfies readonly WorkspaceTokenKind[];

/** 256 random bits need no slow hash. */
export function tokenDigest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
