import type { Queries, Statement } from '#audit';
import { type StoredDataKey, VAULT_STATE_COLUMNS, type VaultState } from '#vaults';
import type { SealedItem } from '#envelope';
import type { ItemKind } from './item-kinds.js';

/** Some items as they are, each with every version that stands where it stands, and what it takes to open that: of one moment. */
const FIND: Statement = {
  name: 'item-versions-to-reseal',
  text: `SELECT i.item_id, i.box_id, i.vault_id AS item_vault_id, i.current_version, s.version, s.data_key_id, s.salt, s.iv, s.ciphertext,
      s.tag, s.commitment, k.vault_key_id, d.wrapped, d.mac, ${VAULT_STATE_COLUMNS}
    FROM items i
    LEFT JOIN item_versions s ON s.workspace_id = i.workspace_id AND s.item_id = i.item_id AND s.vault_id = i.vault_id
    LEFT JOIN data_keys d ON d.workspace_id = s.workspace_id AND d.vault_id = s.vault_id AND d.data_key_id = s.data_key_id
    LEFT JOIN vaults v ON v.workspace_id = d.workspace_id AND v.vault_id = d.vault_id
    LEFT JOIN vault_keys k ON k.workspace_id = d.workspace_id AND k.vault_id = d.vault_id AND k.vault_key_id = d.vault_key_id
    WHERE i.workspace_id = $1 AND i.item_id = ANY ($2)
    ORDER BY i.item_id, s.version`,
};

/** How much there is to open: before anything is read into memory. */
const SIZE: Statement = {
  name: 'item-versions-size',
  text: `SELECT coalesce(sum(length(ciphertext)), 0)::float8 AS bytes FROM item_versions WHERE workspace_id = $1 AND item_id = $2`,
};

/** Takes nothing new any more once it is closed; until the transaction ends it is not closed. */
const HOLD_VAULT: Statement = {
  name: 'vault-hold-open',
  text: `SELECT 1 FROM vaults WHERE workspace_id = $1 AND vault_id = $2 AND status = 'active' FOR KEY SHARE`,
};

/** Nobody else changes the items until the transaction ends. */
const LOCK: Statement = {
  name: 'items-lock-as-read',
  text: `SELECT item_id, box_id, vault_id, current_version FROM items WHERE workspace_id = $1 AND item_id = ANY ($2) ORDER BY item_id FOR UPDATE`,
};

/** By compare-and-set: only the very versions that were opened are replaced. */
const REPLACE: Statement = {
  name: 'item-versions-replace',
  text: `UPDATE item_versions s SET vault_id = $3, data_key_id = n.data_key_id, salt = n.salt, iv = n.iv, ciphertext = n.ciphertext,
      tag = n.tag, commitment = n.commitment
    FROM unnest($4::uuid[], $5::integer[], $6::bytea[], $7::uuid[], $8::bytea[], $9::bytea[], $10::bytea[], $11::bytea[], $12::bytea[])
      AS n (item_id, version, opened, data_key_id, salt, iv, ciphertext, tag, commitment)
    WHERE s.workspace_id = $1 AND s.item_id = n.item_id AND s.version = n.version AND s.vault_id = $2 AND s.commitment = n.opened
    RETURNING 1`,
};

const ASSIGN: Statement = {
  name: 'items-assign',
  text: `UPDATE items SET vault_id = $3, updated_at = now() WHERE workspace_id = $1 AND vault_id = $2 AND item_id = ANY ($4) RETURNING 1`,
};

/** An item as it was when its versions were read. */
export interface ItemAsRead {
  itemId: string;
  boxId: string;
  kind: ItemKind;
  vaultId: string;
  currentVersion: number;
}

/** One version, and the vault and data key that it is sealed under. */
export interface VersionToReseal {
  itemId: string;
  version: number;
  sealed: SealedItem;
  dataKey: StoredDataKey;
  vault: VaultState;
}

export interface ResealedVersion {
  itemId: string;
  version: number;
  /** The commitment of what was opened: no two sealed versions have the same. */
  opened: Buffer;
  dataKeyId: string;
  sealed: SealedItem;
}

/** Of an item without versions, and of a version without its data key, what was joined is missing. */
interface Row extends LockedRow, VaultState, SealedItem {
  vault_id: string;
  item_vault_id: string;
  version: number | null;
  data_key_id: string;
  vault_key_id: string | null;
  wrapped: Buffer;
  mac: Buffer;
}

interface LockedRow {
  item_id: string;
  box_id: string;
  vault_id: string;
  current_version: number;
}

export interface FoundItem {
  item: ItemAsRead;
  /** In order. One that is missing, stands elsewhere than its item, or has no data key is not among them. */
  versions: readonly VersionToReseal[];
}

/** Of these items those that are still as they were read. */
export async function findVersionsToReseal(tx: Queries, items: readonly ItemAsRead[]): Promise<FoundItem[]> {
  const rows = await tx.query<Row>(FIND, [items.map(({ itemId }) => itemId)]);
  const byItem = Map.groupBy(rows, (row) => row.item_id);
  return items.flatMap((item) => {
    const found = byItem.get(item.itemId) ?? [];
    const [first] = found;
    if (!first || !isAsRead(item, { ...first, vault_id: first.item_vault_id })) return [];
    return [{ item, versions: found.flatMap(versionOf) }];
  });
}

function versionOf(row: Row): VersionToReseal[] {
  const { item_id: itemId, version, vault_key_id: vaultKeyId } = row;
  if (version === null || vaultKeyId === null) return [];
  const { data_key_id: dataKeyId, vault_id: vaultId, wrapped, mac } = row;
  const { salt, iv, ciphertext, tag, commitment } = row;
  const sealed = { salt, iv, ciphertext, tag, commitment };
  return [{ itemId, version, sealed, dataKey: { vaultId, dataKeyId, vaultKeyId, wrapped, mac }, vault: row }];
}

export async function sealedBytesOf(tx: Queries, itemId: string): Promise<number> {
  const [row] = await tx.query<{ bytes: number }>(SIZE, [itemId]);
  return row?.bytes ?? 0;
}

/** Whether the vault takes new items, which it does then until the transaction ends. */
export async function holdOpenVault(tx: Queries, vaultId: string): Promise<boolean> {
  return (await tx.query(HOLD_VAULT, [vaultId])).length === 1;
}

/** Of these items those that are still as they were read; nobody else changes them until the transaction ends. */
export async function lockAsRead(tx: Queries, items: readonly ItemAsRead[]): Promise<ItemAsRead[]> {
  const rows = await tx.query<LockedRow>(LOCK, [items.map(({ itemId }) => itemId)]);
  const now = new Map(rows.map((row) => [row.item_id, row]));
  return items.filter((item) => isAsRead(item, now.get(item.itemId)));
}

function isAsRead({ boxId, vaultId, currentVersion }: ItemAsRead, row: Omit<LockedRow, 'item_id'> | undefined): boolean {
  return row?.box_id === boxId && row.vault_id === vaultId && row.current_version === currentVersion;
}

export interface Assignment {
  from: string;
  to: string;
  /** Locked, as they were read. */
  items: readonly ItemAsRead[];
  /** All versions of all of them. */
  versions: readonly ResealedVersion[];
}

/** False when not every version and every item was as it had been read: the transaction must not be committed then. */
export async function assignItems(tx: Queries, { from, to, items, versions }: Assignment): Promise<boolean> {
  const parts = (['salt', 'iv', 'ciphertext', 'tag', 'commitment'] as const).map((part) => versions.map(({ sealed }) => sealed[part]));
  const values = [
    versions.map(({ itemId }) => itemId),
    versions.map(({ version }) => version),
    versions.map(({ opened }) => opened),
    versions.map(({ dataKeyId }) => dataKeyId),
    ...parts,
  ];
  const replaced = await tx.query(REPLACE, [from, to, ...values]);
  const assigned = await tx.query(ASSIGN, [from, to, items.map(({ itemId }) => itemId)]);
  return replaced.length === versions.length && assigned.length === items.length;
}
