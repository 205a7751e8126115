import type { Queries, Statement } from '#audit';
import { IN_RESTORABLE_BOX } from '#boxes';
import type { ItemAsRead, ItemKind } from '#items';
import type { StrategyName } from '#key-strategies';
import type { MoveFilter } from './move-params.js';

/** Of a job that empties a vault: also what lies in boxes whose deletion can be undone. */
export type Scope = 'live' | 'restorable';

const MATCHING = `FROM items i
    JOIN boxes b ON b.workspace_id = i.workspace_id AND b.box_id = i.box_id
    WHERE i.workspace_id = $1 AND i.vault_id = $2 AND CASE $3 WHEN 'live' THEN b.deleted_at IS NULL ELSE ${IN_RESTORABLE_BOX} END
      AND ($4::uuid IS NULL OR i.box_id = $4) AND ($5::text IS NULL OR i.kind = $5) AND ($6::text IS NULL OR i.category = $6)
      AND ($7::uuid[] IS NULL OR i.item_id = ANY ($7))`;

const NEWEST: Statement = { name: 'moves-newest', text: `SELECT i.item_id ${MATCHING} ORDER BY i.item_id DESC LIMIT 1` };

const COUNT: Statement = {
  name: 'moves-count',
  text: `SELECT count(*)::integer AS items ${MATCHING} AND i.item_id <= $8`,
};

const NEXT: Statement = {
  name: 'moves-next',
  text: `SELECT i.item_id, i.box_id, i.kind, i.vault_id, i.current_version,
      (SELECT coalesce(sum(length(s.ciphertext)), 0) FROM item_versions s
        WHERE s.workspace_id = i.workspace_id AND s.item_id = i.item_id)::float8 AS bytes
    ${MATCHING} AND i.item_id <= $8 AND ($9::uuid IS NULL OR i.item_id > $9) ORDER BY i.item_id LIMIT $10`,
};

const AGAIN: Statement = {
  name: 'moves-again',
  text: `SELECT item_id, box_id, kind, vault_id, current_version FROM items
    WHERE workspace_id = $1 AND vault_id = $2 AND item_id = ANY ($3) ORDER BY item_id`,
};

/** Batches as the job makes them, so that the uses of each data key can be counted. */
const USES: Statement = {
  name: 'moves-key-uses',
  text: `WITH batched AS (
      SELECT i.item_id, (row_number() OVER (ORDER BY i.item_id) - 1) / $9 AS batch ${MATCHING} AND i.item_id <= $8),
    versions AS (
      SELECT m.batch, d.data_key_id, k.strategy FROM batched m
      JOIN item_versions s ON s.workspace_id = $1 AND s.item_id = m.item_id
      JOIN data_keys d ON d.workspace_id = s.workspace_id AND d.vault_id = s.vault_id AND d.data_key_id = s.data_key_id
      JOIN vault_keys k ON k.workspace_id = d.workspace_id AND k.vault_id = d.vault_id AND k.vault_key_id = d.vault_key_id),
    per_batch AS (SELECT batch, count(*) AS n, sum(count(*)) OVER (ORDER BY batch) AS upto FROM versions GROUP BY batch)
    SELECT (SELECT count(*) FROM versions)::integer AS versions,
      (SELECT count(DISTINCT data_key_id) FROM versions WHERE strategy <> $10)::integer AS source_keys,
      (SELECT count(DISTINCT (batch, data_key_id)) FROM versions WHERE strategy <> $10)::integer AS source_uses,
      (SELECT coalesce(sum(floor((upto - 1) / $11) - floor((upto - n) / $11) + 1), 0) FROM per_batch)::integer AS target_uses`,
};

const GIVEN_OUT: Statement = {
  name: 'data-keys-given-out',
  text: `SELECT count(*)::integer AS count FROM data_keys WHERE workspace_id = $1 AND vault_id = $2 AND given_out`,
};

export interface Selection {
  sourceVaultId: string;
  scope: Scope;
  filter: MoveFilter;
}

interface Row {
  item_id: string;
  box_id: string;
  kind: ItemKind;
  vault_id: string;
  current_version: number;
  bytes: number;
}

export interface ItemWithSize extends ItemAsRead {
  bytes: number;
}

function valuesOf({ sourceVaultId, scope, filter }: Selection): unknown[] {
  const { boxId, kind, category, itemIds } = filter;
  return [sourceVaultId, scope, boxId, kind, category, itemIds];
}

export async function newestItem(tx: Queries, selection: Selection): Promise<string | null> {
  return (await tx.query<{ item_id: string }>(NEWEST, valuesOf(selection)))[0]?.item_id ?? null;
}

export async function countItems(tx: Queries, selection: Selection, upTo: string | null): Promise<number> {
  return (await tx.query<{ items: number }>(COUNT, [...valuesOf(selection), upTo]))[0]?.items ?? 0;
}

/** By id, after `after`. */
export async function nextItems(
  tx: Queries,
  selection: Selection,
  { upTo, after, limit }: { upTo: string | null; after: string | undefined; limit: number },
): Promise<ItemWithSize[]> {
  const rows = await tx.query<Row>(NEXT, [...valuesOf(selection), upTo, after, limit]);
  return rows.map((row) => ({ ...asRead(row), bytes: row.bytes }));
}

/** Those of these items that are still in the vault, as they are now. */
export async function itemsAgain(tx: Queries, vaultId: string, itemIds: readonly string[]): Promise<ItemAsRead[]> {
  return (await tx.query<Row>(AGAIN, [vaultId, itemIds])).map(asRead);
}

export interface KeyUses {
  versions: number;
  /** Data keys under a key in KMS, and how often a batch uses one of them. */
  sourceKeys: number;
  sourceUses: number;
  /** How often a batch uses a new data key. */
  targetUses: number;
}

export async function countKeyUses(
  tx: Queries,
  selection: Selection,
  { upTo, batch, itemsPerDataKey }: { upTo: string | null; batch: number; itemsPerDataKey: number },
): Promise<KeyUses> {
  const values = [...valuesOf(selection), upTo, batch, 'default' satisfies StrategyName, itemsPerDataKey];
  const [row] = await tx.query<{ versions: number; source_keys: number; source_uses: number; target_uses: number }>(USES, values);
  const { versions = 0, source_keys: sourceKeys = 0, source_uses: sourceUses = 0, target_uses: targetUses = 0 } = row ?? {};
  return { versions, sourceKeys, sourceUses, targetUses };
}

/** Data keys of a vault under which something was sealed for callers who keep it themselves: nobody here can move that. */
export async function countGivenOut(tx: Queries, vaultId: string): Promise<number> {
  return (await tx.query<{ count: number }>(GIVEN_OUT, [vaultId]))[0]?.count ?? 0;
}

function asRead(row: Omit<Row, 'bytes'>): ItemAsRead {
  return { itemId: row.item_id, boxId: row.box_id, kind: row.kind, vaultId: row.vault_id, currentVersion: row.current_version };
}
