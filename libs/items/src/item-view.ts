import type { ItemKind, SecretCategory } from './item-kinds.js';
import type { StoredItem, StoredVersion } from './item-store.js';

/** What may be seen of an item without opening it. */
export interface ItemView {
  id: string;
  kind: ItemKind;
  category: SecretCategory | null;
  name: string;
  boxId: string;
  vaultId: string;
  version: number;
  createdAt: string;
  updatedAt: string;
}

export interface ItemVersionView {
  version: number;
  vaultId: string;
  isCurrent: boolean;
  createdAt: string;
}

export function itemView(row: StoredItem): ItemView {
  return {
    id: row.item_id,
    kind: row.kind,
    category: row.category,
    name: row.name,
    boxId: row.box_id,
    vaultId: row.vault_id,
    version: row.current_version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

export function itemVersionView(row: StoredVersion): ItemVersionView {
  return { version: row.version, vaultId: row.vault_id, isCurrent: row.is_current, createdAt: row.created_at.toISOString() };
}
