import { type KeyBytes, type RootKey, openBytes, sealBytes } from '#envelope';
import type { RequestContext } from '#access';
import type { Queries, Statement } from '#audit';
import { DatabaseError } from './database-error.js';

const FIND: Statement = {
  name: 'idempotency-find',
  text: `SELECT request_digest, sealed_result FROM idempotency_records
    WHERE workspace_id = $1 AND principal_id = $2 AND idempotency_key = $3`,
};

const STORE: Statement = {
  name: 'idempotency-store',
  text: `INSERT INTO idempotency_records (workspace_id, principal_id, idempotency_key, request_digest, sealed_result)
    VALUES ($1, $2, $3, $4, $5)`,
};

/**
 * What was answered to a write, stored in the commit of that write and sealed, since an answer may hold a token. A record counts
 * as long as it is there, 24 hours at least: one that counted no more would still stand in the way of the next one.
 * Scoped to workspace, principal and key; the digest tells a repeat from another request under the same key.
 */
export class IdempotencyRecords {
  readonly #key: KeyBytes;

  constructor(rootKey: RootKey) {
    this.#key = rootKey.subkey('idempotency-records');
  }

  async find(tx: Queries, ctx: RequestContext): Promise<{ result: unknown } | undefined> {
    if (!ctx.idempotency) return undefined;
    const { key, requestDigest } = ctx.idempotency;
    const [row] = await tx.query<{ request_digest: Buffer; sealed_result: Buffer }>(FIND, [ctx.principal.id, key]);
    if (!row) return undefined;
    if (!row.request_digest.equals(requestDigest)) throw new DatabaseError('idempotency_key_reused');
    return JSON.parse(openBytes(this.#key, row.sealed_result, binding(ctx)).toString('utf8')) as { result: unknown };
  }

  async store(tx: Queries, ctx: RequestContext, result: unknown): Promise<void> {
    if (!ctx.idempotency) return;
    const { key, requestDigest } = ctx.idempotency;
    const sealed = sealBytes(this.#key, Buffer.from(JSON.stringify({ result })), binding(ctx));
    await tx.query(STORE, [ctx.principal.id, key, requestDigest, sealed]);
  }
}

/** Ties a record to where it stands; JSON of strings, so that no two encode alike. */
function binding(ctx: RequestContext): Buffer {
  const digest = ctx.idempotency?.requestDigest.toString('base64url');
  return Buffer.from(JSON.stringify([ctx.workspaceId, ctx.principal.id, ctx.idempotency?.key, digest]));
}
