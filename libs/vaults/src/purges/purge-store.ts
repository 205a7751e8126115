import type { Queries, Statement } from '#audit';
import type { Database } from '#database';

/** Why the open data keys of a vault were dropped. */
export const PURGE_CAUSES = ['request', 'suspension', 'settings'] as const;
export type PurgeCause = (typeof PURGE_CAUSES)[number];

/** On which nodes hear of purges at once. Its notices say that there is something to do, and not what. */
export const PURGE_CHANNEL = 'keyhold_data_key_purges';

/**
 * The epoch alone makes the purge hold, on every node and from its next request on; orders and notice only make the keys leave
 * memory sooner. Whoever is alive has a receipt to give, so that one that is not given shows.
 */
const ORDER: Statement = {
  name: 'purge-order',
  text: `WITH vault AS (
      UPDATE vaults SET data_key_epoch = data_key_epoch + 1 WHERE workspace_id = $1 AND vault_id = $2 RETURNING data_key_epoch),
    purge AS (
      INSERT INTO data_key_purges (workspace_id, purge_id, vault_id, epoch, cause)
      SELECT $1, $3, $2, data_key_epoch, $4 FROM vault RETURNING epoch),
    alive AS (
      SELECT node_id, epoch FROM nodes, purge WHERE kind = 'api' AND heartbeat_at > clock_timestamp() - interval '6 seconds'),
    receipts AS (
      INSERT INTO data_key_purge_receipts (workspace_id, purge_id, node_id) SELECT $1, $3, node_id FROM alive),
    orders AS (
      INSERT INTO data_key_purge_orders (node_id, workspace_id, purge_id, vault_id, epoch) SELECT node_id, $1, $3, $2, epoch FROM alive)
    SELECT pg_notify('${PURGE_CHANNEL}', '') FROM purge`,
};

const ORDERS: Statement = {
  name: 'purge-orders-of-node',
  text: `SELECT workspace_id, purge_id, vault_id, epoch FROM data_key_purge_orders WHERE node_id = $1 ORDER BY ordered_at LIMIT 100`,
};

const OBEYED: Statement = {
  name: 'purge-obeyed',
  text: `DELETE FROM data_key_purge_orders WHERE node_id = $1 AND purge_id = $2`,
};

const ANSWER: Statement = {
  name: 'purge-answer',
  text: `UPDATE data_key_purge_receipts SET keys_dropped = $4, answered_at = clock_timestamp()
    WHERE workspace_id = $1 AND purge_id = $2 AND node_id = $3 AND answered_at IS NULL`,
};

const WHOLE = `SELECT p.purge_id, p.vault_id, p.cause, p.ordered_at,
    (SELECT coalesce(json_agg(json_build_object('nodeId', r.node_id, 'keysDropped', r.keys_dropped, 'answeredAt',
        to_char(r.answered_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) ORDER BY r.node_id), '[]')
      FROM data_key_purge_receipts r WHERE r.workspace_id = p.workspace_id AND r.purge_id = p.purge_id) AS receipts
  FROM data_key_purges p WHERE p.workspace_id = $1 AND p.vault_id = $2`;

const FIND: Statement = { name: 'purge-find', text: `${WHOLE} AND p.purge_id = $3` };

const LIST: Statement = {
  name: 'purge-list',
  text: `${WHOLE} AND ($3::uuid IS NULL OR p.purge_id < $3) ORDER BY p.purge_id DESC LIMIT $4`,
};

const UNANSWERED: Statement = {
  name: 'purge-unanswered',
  text: `SELECT 1 FROM data_key_purge_receipts WHERE workspace_id = $1 AND purge_id = $2 AND answered_at IS NULL LIMIT 1`,
};

export interface PurgeOrder {
  workspace_id: string;
  purge_id: string;
  vault_id: string;
  epoch: number;
}

export interface PurgeReceipt {
  nodeId: string;
  /** Null until the node has answered. */
  keysDropped: number | null;
  /** RFC 3339, by the clock of the database; null until then. */
  answeredAt: string | null;
}

export interface StoredPurge {
  purge_id: string;
  vault_id: string;
  cause: PurgeCause;
  ordered_at: Date;
  receipts: PurgeReceipt[];
}

/** From the commit on, no data key of the vault that was opened before it is used again. */
export async function orderPurge(tx: Queries, order: { purgeId: string; vaultId: string; cause: PurgeCause }): Promise<void> {
  await tx.query(ORDER, [order.vaultId, order.purgeId, order.cause]);
}

/** What a process still has to drop, of all workspaces; the oldest first. */
export function ordersOf(database: Database, nodeId: string): Promise<PurgeOrder[]> {
  return database.ask<PurgeOrder & Record<string, unknown>>(ORDERS, [nodeId]);
}

export async function forgetOrder(database: Database, nodeId: string, purgeId: string): Promise<void> {
  await database.ask(OBEYED, [nodeId, purgeId]);
}

export const answerPurge = { statement: ANSWER, values: (purgeId: string, nodeId: string, keys: number) => [purgeId, nodeId, keys] };

export async function findPurge(tx: Queries, vaultId: string, purgeId: string): Promise<StoredPurge | undefined> {
  return (await tx.query<StoredPurge>(FIND, [vaultId, purgeId]))[0];
}

/** Newest first. */
export function listPurges(tx: Queries, vaultId: string, limit: number, before?: string): Promise<StoredPurge[]> {
  return tx.query<StoredPurge>(LIST, [vaultId, before, limit]);
}

export async function isAnswered(tx: Queries, purgeId: string): Promise<boolean> {
  return (await tx.query(UNANSWERED, [purgeId])).length === 0;
}
