import { randomUUIDv7 } from 'node:crypto';
import type { Queries } from '#audit';
import type { Role } from './actions.js';
import type { TokenMacs } from './token-macs.js';
import { insertToken } from './token-store.js';
import { newWorkspaceToken, tokenDigest } from './tokens.js';

/** A new token of a workspace: its text, which nobody can be told again, and the row that makes it valid. */
export interface NewToken {
  token: string;
  tokenId: string;
  insert(tx: Queries): Promise<void>;
}

export function mintToken(macs: TokenMacs, { workspaceId, role, name }: { workspaceId: string; role: Role; name: string }): NewToken {
  const token = newWorkspaceToken(workspaceId);
  const digest = tokenDigest(token);
  const tokenId = randomUUIDv7();
  const mac = macs.of({ workspaceId, tokenId, role, digest });
  return { token, tokenId, insert: (tx) => insertToken(tx, { id: tokenId, role, name, digest, mac }) };
}
