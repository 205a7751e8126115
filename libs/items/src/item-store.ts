import type { Queries, Statement } from '#audit';
import type { SealedItem } from '#envelope';
import { JOIN_ACTIVE_KEY, VAULT_STATE_COLUMNS, type VaultState } from '#vaults';
import type { ItemKind, SecretCategory } from './item-kinds.js';

const COLUMNS = 'i.item_id, i.box_id, i.place_mac, i.vault_id, i.kind, i.category, i.name, i.current_version, i.created_at, i.updated_at';

/** What a deleted box holds is not there, for as long as its deletion can be undone and afterwards. */
const IN_LIVE_BOX = 'JOIN boxes b ON b.workspace_id = i.workspace_id AND b.box_id = i.box_id AND b.deleted_at IS NULL';

/**
 * A vault that takes nothing new any more has no id here, and the insert fails. The lock is the one that the foreign key takes
 * anyway; whoever closes the vault for good waits for it, and whoever comes after that finds the condition false.
 */
const INSERT: Statement = {
  name: 'item-insert',
  text: `WITH item AS (
      INSERT INTO items (workspace_id, item_id, vault_id, kind, category, name, current_version, box_id, place_mac)
      VALUES ($1, $2, (SELECT vault_id FROM vaults WHERE workspace_id = $1 AND vault_id = $3 AND status = 'active' FOR KEY SHARE),
        $4, $5, $6, 1, $13, $14))
    INSERT INTO item_versions (workspace_id, item_id, version, vault_id, data_key_id, salt, iv, ciphertext, tag, commitment)
    VALUES ($1, $2, 1, $3, $7, $8, $9, $10, $11, $12) RETURNING created_at`,
};

const ADD_VERSION: Statement = {
  name: 'item-add-version',
  text: `WITH version AS (
      INSERT INTO item_versions (workspace_id, item_id, version, vault_id, data_key_id, salt, iv, ciphertext, tag, commitment)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10))
    UPDATE items SET current_version = $3, name = coalesce($11, name), category = coalesce($12, category), updated_at = now()
    WHERE workspace_id = $1 AND item_id = $2 AND current_version = $3 - 1 AND vault_id = $4
    RETURNING kind, category, name, box_id, place_mac, vault_id, current_version, created_at, updated_at, item_id`,
};

const FIND: Statement = {
  name: 'item-find',
  text: `SELECT ${COLUMNS} FROM items i ${IN_LIVE_BOX} WHERE i.workspace_id = $1 AND i.item_id = $2`,
};

const FIND_WITH_VAULT: Statement = {
  name: 'item-find-with-vault',
  text: `SELECT i.current_version, i.kind, i.box_id, i.place_mac, ${VAULT_STATE_COLUMNS} FROM items i ${IN_LIVE_BOX}
    JOIN vaults v ON v.workspace_id = i.workspace_id AND v.vault_id = i.vault_id
    LEFT ${JOIN_ACTIVE_KEY}
    WHERE i.workspace_id = $1 AND i.item_id = $2`,
};

const FIND_SEALED: Statement = {
  name: 'item-find-sealed',
  text: `SELECT i.box_id, i.place_mac, i.kind, i.category, i.name, i.current_version, coalesce($3, i.current_version) AS version, s.version IS NOT NULL AS has_version,
      s.data_key_id, s.salt, s.iv, s.ciphertext, s.tag, s.commitment, d.vault_key_id, d.wrapped, d.mac, ${VAULT_STATE_COLUMNS}
    FROM items i ${IN_LIVE_BOX}
    LEFT JOIN item_versions s ON s.workspace_id = i.workspace_id AND s.item_id = i.item_id AND s.version = coalesce($3, i.current_version)
    LEFT JOIN data_keys d ON d.workspace_id = s.workspace_id AND d.vault_id = s.vault_id AND d.data_key_id = s.data_key_id
    LEFT JOIN vaults v ON v.workspace_id = s.workspace_id AND v.vault_id = s.vault_id
    LEFT JOIN vault_keys k ON k.workspace_id = d.workspace_id AND k.vault_id = d.vault_id AND k.vault_key_id = d.vault_key_id
    WHERE i.workspace_id = $1 AND i.item_id = $2`,
};

const LIST: Statement = {
  name: 'item-list',
  text: `SELECT ${COLUMNS} FROM items i ${IN_LIVE_BOX}
    WHERE i.workspace_id = $1 AND ($2::uuid IS NULL OR i.vault_id = $2) AND ($3::text IS NULL OR i.kind = $3)
      AND ($4::text IS NULL OR i.category = $4) AND ($5::uuid IS NULL OR i.item_id < $5)
      AND ($7::uuid IS NULL OR i.box_id = $7) AND ($8::uuid[] IS NULL OR i.box_id = ANY ($8))
    ORDER BY i.item_id DESC LIMIT $6`,
};

const LIST_VERSIONS: Statement = {
  name: 'item-list-versions',
  text: `SELECT s.version, s.vault_id, s.created_at, s.version = i.current_version AS is_current
    FROM items i ${IN_LIVE_BOX}
    JOIN item_versions s ON s.workspace_id = i.workspace_id AND s.item_id = i.item_id
    WHERE i.workspace_id = $1 AND i.item_id = $2 AND ($3::integer IS NULL OR s.version < $3)
    ORDER BY s.version DESC LIMIT $4`,
};

/** A new version that comes at the same time waits, and finds no item. */
const LOCK: Statement = { name: 'item-lock', text: `SELECT 1 FROM items WHERE workspace_id = $1 AND item_id = $2 FOR UPDATE` };

const PLACE: Statement = {
  name: 'item-place',
  text: `UPDATE items i SET box_id = $3, place_mac = $4, updated_at = now() WHERE workspace_id = $1 AND item_id = $2 RETURNING ${COLUMNS}`,
};

const DELETE_VERSIONS: Statement = {
  name: 'item-delete-versions',
  text: `DELETE FROM item_versions WHERE workspace_id = $1 AND item_id = $2`,
};

const DELETE: Statement = {
  name: 'item-delete',
  text: `DELETE FROM items WHERE workspace_id = $1 AND item_id = $2 RETURNING kind, name, box_id, vault_id, current_version`,
};

export interface StoredItem {
  item_id: string;
  box_id: string;
  place_mac: Buffer | null;
  vault_id: string;
  kind: ItemKind;
  category: SecretCategory | null;
  name: string;
  current_version: number;
  created_at: Date;
  updated_at: Date;
}

/** One version with what it takes to open it. What was joined may be missing from a row that was tampered with. */
export interface StoredSealedItem extends VaultState, Partial<SealedItem> {
  box_id: string;
  place_mac: Buffer | null;
  kind: ItemKind;
  category: SecretCategory | null;
  name: string;
  current_version: number;
  version: number;
  has_version: boolean;
  data_key_id: string | null;
  vault_key_id: string | null;
  wrapped: Buffer | null;
  mac: Buffer | null;
}

export interface NewItem {
  itemId: string;
  boxId: string;
  placeMac: Buffer;
  vaultId: string;
  kind: ItemKind;
  category: SecretCategory | undefined;
  name: string;
  dataKeyId: string;
  sealed: SealedItem;
}

export interface NewVersion {
  itemId: string;
  version: number;
  vaultId: string;
  name: string | undefined;
  category: SecretCategory | undefined;
  dataKeyId: string;
  sealed: SealedItem;
}

export interface StoredVersion {
  version: number;
  vault_id: string;
  created_at: Date;
  is_current: boolean;
}

/** Answers when it was created. Fails when the vault takes no new items, or has another key than that of the data key. */
export async function insertItem(tx: Queries, item: NewItem): Promise<Date> {
  const { itemId, boxId, placeMac, vaultId, kind, category, name, dataKeyId, sealed } = item;
  const { salt, iv, ciphertext, tag, commitment } = sealed;
  const values = [itemId, vaultId, kind, category, name, dataKeyId, salt, iv, ciphertext, tag, commitment, boxId, placeMac];
  const [row] = await tx.query<{ created_at: Date }>(INSERT, values);
  if (!row) throw new Error('an insert answered no row');
  return row.created_at;
}

/** Answers the item as it is now; undefined when another version came first, or the item is in another vault by now. */
export async function addVersion(tx: Queries, next: NewVersion): Promise<StoredItem | undefined> {
  const { itemId, version, vaultId, name, category, dataKeyId, sealed } = next;
  const { salt, iv, ciphertext, tag, commitment } = sealed;
  const values = [itemId, version, vaultId, dataKeyId, salt, iv, ciphertext, tag, commitment, name, category];
  return (await tx.query<StoredItem>(ADD_VERSION, values))[0];
}

export async function findItem(tx: Queries, itemId: string): Promise<StoredItem | undefined> {
  return (await tx.query<StoredItem>(FIND, [itemId]))[0];
}

export type ItemWithVault = VaultState & Pick<StoredItem, 'current_version' | 'kind' | 'box_id' | 'place_mac'>;

export async function findItemWithVault(tx: Queries, itemId: string): Promise<ItemWithVault | undefined> {
  return (await tx.query<ItemWithVault>(FIND_WITH_VAULT, [itemId]))[0];
}

/** The version asked for, or the current one. */
export async function findSealedItem(tx: Queries, itemId: string, version: number | undefined): Promise<StoredSealedItem | undefined> {
  return (await tx.query<StoredSealedItem>(FIND_SEALED, [itemId, version]))[0];
}

export interface ItemFilter {
  boxId?: string;
  vaultId?: string;
  kind?: ItemKind;
  category?: SecretCategory;
}

/** Newest first, after `before`, in boxes that the caller may look into. */
export function listItems(
  tx: Queries,
  boxes: 'all' | readonly string[],
  filter: ItemFilter,
  limit: number,
  before?: string,
): Promise<StoredItem[]> {
  const { boxId, vaultId, kind, category } = filter;
  return tx.query<StoredItem>(LIST, [vaultId, kind, category, before, limit, boxId, boxes === 'all' ? undefined : boxes]);
}

/** Newest first, below `before`. */
export function listVersions(tx: Queries, itemId: string, limit: number, before?: number): Promise<StoredVersion[]> {
  return tx.query<StoredVersion>(LIST_VERSIONS, [itemId, before, limit]);
}

/** Nobody else changes the item until the transaction ends. */
export async function lockItem(tx: Queries, itemId: string): Promise<void> {
  await tx.query(LOCK, [itemId]);
}

/** Answers the item as it is now. */
export async function placeItem(tx: Queries, place: { itemId: string; boxId: string; placeMac: Buffer }): Promise<StoredItem> {
  const [row] = await tx.query<StoredItem>(PLACE, [place.itemId, place.boxId, place.placeMac]);
  if (!row) throw new Error('an item is gone in the transaction that locked it');
  return row;
}

export type DeletedItem = Pick<StoredItem, 'kind' | 'name' | 'box_id' | 'vault_id' | 'current_version'>;

/** The item with all its versions; undefined when it is not there. */
export async function deleteItem(tx: Queries, itemId: string): Promise<DeletedItem | undefined> {
  await tx.query(LOCK, [itemId]);
  await tx.query(DELETE_VERSIONS, [itemId]);
  return (await tx.query<DeletedItem>(DELETE, [itemId]))[0];
}
