export class PurgeReceiptDto {
  nodeId: string;
  /** Null until the node has answered. */
  keysDropped: number | null;
  /** RFC 3339; null until then. */
  answeredAt: string | null;
}

export class PurgeViewDto {
  id: string;
  vaultId: string;
  /** Somebody asked for it, suspended the vault, or made the time shorter for which its data keys may stay open. */
  cause: 'request' | 'suspension' | 'settings';
  /** RFC 3339 */
  orderedAt: string;
  /** By the nodes that have answered. */
  keysDropped: number;
  /** Whether every node that was alive has answered. One that has not may hold keys in memory still, but uses none of them. */
  isComplete: boolean;
  nodes: PurgeReceiptDto[];
}

export class PurgePage {
  data: PurgeViewDto[];
  nextCursor: string | null;
}
