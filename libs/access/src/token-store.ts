import type { Queries, Statement } from '#audit';

const FIND: Statement = {
  name: 'token-find',
  text: `SELECT token_id, role, name, mac FROM tokens WHERE workspace_id = $1 AND token_sha256 = $2 AND revoked_at IS NULL`,
};

const INSERT: Statement = {
  name: 'token-insert',
  text: `INSERT INTO tokens (workspace_id, token_id, role, name, token_sha256, mac) VALUES ($1, $2, $3, $4, $5, $6)`,
};

export interface StoredToken {
  token_id: string;
  role: string;
  name: string;
  mac: Buffer;
}

export async function findToken(tx: Queries, digest: Buffer): Promise<StoredToken | undefined> {
  return (await tx.query<StoredToken>(FIND, [digest]))[0];
}

export async function insertToken(
  tx: Queries,
  token: { id: string; role: string; name: string; digest: Buffer; mac: Buffer },
): Promise<void> {
  await tx.query(INSERT, [token.id, token.role, token.name, token.digest, token.mac]);
}
