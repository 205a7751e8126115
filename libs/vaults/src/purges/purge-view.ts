import type { PurgeCause, PurgeReceipt, StoredPurge } from './purge-store.js';

/** The receipt of a purge. */
export interface PurgeView {
  id: string;
  vaultId: string;
  cause: PurgeCause;
  /** RFC 3339 */
  orderedAt: string;
  /** By the nodes that have answered. */
  keysDropped: number;
  /** Whether every node that was alive has answered. */
  isComplete: boolean;
  nodes: PurgeReceipt[];
}

export function purgeView({ purge_id, vault_id, cause, ordered_at, receipts }: StoredPurge): PurgeView {
  return {
    id: purge_id,
    vaultId: vault_id,
    cause,
    orderedAt: ordered_at.toISOString(),
    keysDropped: receipts.reduce((sum, { keysDropped }) => sum + (keysDropped ?? 0), 0),
    isComplete: receipts.every(({ answeredAt }) => answeredAt !== null),
    nodes: receipts,
  };
}
