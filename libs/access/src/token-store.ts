import type { Queries, Statement } from '#audit';
import type { Role } from './actions.js';

const FIND: Statement = {
  name: 'token-find',
  text: `SELECT token_id, role, name FROM tokens WHERE workspace_id = $1 AND token_sha256 = $2 AND revoked_at IS NULL`,
};

const INSERT: Statement = {
  name: 'token-insert',
  text: `INSERT INTO tokens (workspace_id, token_id, role, name, token_sha256) VALUES ($1, $2, $3, $4, $5)`,
};

export interface StoredToken {
  token_id: string;
  role: Role;
  name: string;
}

export async function findToken(tx: Queries, digest: Buffer): Promise<StoredToken | undefined> {
  return (await tx.query<StoredToken>(FIND, [digest]))[0];
}

export async function insertToken(tx: Queries, token: { id: string; role: Role; name: string; digest: Buffer }): Promise<void> {
  await tx.query(INSERT, [token.id, token.role, token.name, token.digest]);
}
