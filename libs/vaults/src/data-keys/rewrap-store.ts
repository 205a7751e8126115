import type { Queries, Statement } from '#audit';
import type { StrategyName } from '#key-strategies';
import type { StoredDataKey } from './data-key-store.js';

const FIND: Statement = {
  name: 'data-keys-to-rewrap',
  text: `SELECT d.data_key_id, d.vault_key_id, d.wrapped, d.mac, w.wrapped AS kept_wrapped, w.mac AS kept_mac
    FROM data_keys d
    LEFT JOIN data_key_wraps w ON w.workspace_id = d.workspace_id AND w.data_key_id = d.data_key_id AND w.vault_key_id = $3
    WHERE d.workspace_id = $1 AND d.vault_id = $2 AND d.vault_key_id <> $3 AND ($4::uuid IS NULL OR d.data_key_id > $4)
    ORDER BY d.data_key_id LIMIT $5`,
};

const COUNT: Statement = {
  name: 'data-keys-count-to-rewrap',
  text: `SELECT k.strategy, count(*)::integer AS data_keys, count(w.data_key_id)::integer AS kept FROM data_keys d
    JOIN vault_keys k ON k.workspace_id = d.workspace_id AND k.vault_id = d.vault_id AND k.vault_key_id = d.vault_key_id
    LEFT JOIN data_key_wraps w ON w.workspace_id = d.workspace_id AND w.data_key_id = d.data_key_id AND w.vault_key_id = $3
    WHERE d.workspace_id = $1 AND d.vault_id = $2 AND d.vault_key_id <> $3 GROUP BY k.strategy`,
};

/** By compare-and-set: only the very wrap that was opened is replaced, and it is kept. */
const SWITCH: Statement = {
  name: 'data-key-switch',
  text: `WITH switched AS (
      UPDATE data_keys SET vault_key_id = $4, wrapped = $5, mac = $6
      WHERE workspace_id = $1 AND vault_id = $2 AND data_key_id = $3 AND vault_key_id = $7 AND wrapped = $8 AND mac = $9
      RETURNING data_key_id),
    kept AS (
      INSERT INTO data_key_wraps (workspace_id, vault_id, data_key_id, vault_key_id, wrapped, mac)
      SELECT $1, $2, data_key_id, $7, $8, $9 FROM switched),
    current AS (
      DELETE FROM data_key_wraps k USING switched s
      WHERE k.workspace_id = $1 AND k.data_key_id = s.data_key_id AND k.vault_key_id = $4)
    SELECT 1 FROM switched`,
};

/** A data key that stands under another vault key than it is to stand under. */
export interface KeyToRewrap {
  stored: StoredDataKey;
  /** Its wrap under the vault key that it is to stand under, from when it stood there before. */
  kept: StoredDataKey | undefined;
}

interface Row {
  data_key_id: string;
  vault_key_id: string;
  wrapped: Buffer;
  mac: Buffer;
  kept_wrapped: Buffer | null;
  kept_mac: Buffer | null;
}

/** By id, after `after`. */
export async function findKeysToRewrap(
  tx: Queries,
  vaultId: string,
  vaultKeyId: string,
  after: string | undefined,
  limit: number,
): Promise<KeyToRewrap[]> {
  return (await tx.query<Row>(FIND, [vaultId, vaultKeyId, after, limit])).map((row) => {
    const { data_key_id: dataKeyId, wrapped, mac, kept_wrapped, kept_mac } = row;
    const kept = kept_wrapped && kept_mac ? { vaultId, dataKeyId, vaultKeyId, wrapped: kept_wrapped, mac: kept_mac } : undefined;
    return { stored: { vaultId, dataKeyId, vaultKeyId: row.vault_key_id, wrapped, mac }, kept };
  });
}

export interface KeysToRewrap {
  strategy: StrategyName;
  dataKeys: number;
  /** Those of them whose wrap under the vault key that they are to stand under was kept. */
  kept: number;
}

/** The data keys that do not stand under this vault key, by the strategy of the key that each stands under. */
export async function countKeysToRewrap(tx: Queries, vaultId: string, vaultKeyId: string): Promise<KeysToRewrap[]> {
  const rows = await tx.query<{ strategy: StrategyName; data_keys: number; kept: number }>(COUNT, [vaultId, vaultKeyId]);
  return rows.map(({ strategy, data_keys: dataKeys, kept }) => ({ strategy, dataKeys, kept }));
}

/** False when the data key does not stand any more as it stood under `before`: then nothing is changed. */
export async function switchDataKey(tx: Queries, before: StoredDataKey, after: StoredDataKey): Promise<boolean> {
  const { vaultId, dataKeyId } = before;
  const values = [after.vaultKeyId, after.wrapped, after.mac, before.vaultKeyId, before.wrapped, before.mac];
  return (await tx.query(SWITCH, [vaultId, dataKeyId, ...values])).length === 1;
}
