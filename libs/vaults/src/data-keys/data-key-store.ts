import type { Queries, Statement } from '#audit';

/**
 * The lock is the one that the foreign keys of an item take anyway; switching the vault to another key waits for it, and
 * whoever comes after the switch finds the condition false.
 */
const INSERT: Statement = {
  name: 'data-key-insert',
  text: `WITH open AS (
      SELECT 1 FROM vaults WHERE workspace_id = $1 AND vault_id = $2 AND active_vault_key_id = $4 FOR KEY SHARE),
    inserted AS (
      INSERT INTO data_keys (workspace_id, vault_id, data_key_id, vault_key_id, wrapped, mac, given_out)
      SELECT $1, $2, $3, $4, $5, $6, false FROM open ON CONFLICT DO NOTHING)
    SELECT 1 FROM open UNION ALL SELECT 1 FROM data_keys WHERE workspace_id = $1 AND data_key_id = $3`,
};

/** A statement of its own: it sees the row also where another commit has just brought it. Once it is so, nothing is locked. */
const GIVE_OUT: Statement = {
  name: 'data-key-give-out',
  text: `UPDATE data_keys SET given_out = true WHERE workspace_id = $1 AND data_key_id = $2 AND NOT given_out`,
};

/** A wrapped data key as it stands in `data_keys`. */
export interface StoredDataKey {
  vaultId: string;
  dataKeyId: string;
  vaultKeyId: string;
  wrapped: Buffer;
  mac: Buffer;
}

/**
 * Inserts a data key unless it is there: everyone who seals under a new one before its first commit is known brings it along.
 * False when it is not stored, because the vault has another key by now: what is sealed under it must not be stored either. No
 * foreign key of an item lets that happen.
 */
export async function insertDataKey(tx: Queries, key: StoredDataKey): Promise<boolean> {
  return (await tx.query(INSERT, [key.vaultId, key.dataKeyId, key.vaultKeyId, key.wrapped, key.mac])).length > 0;
}

/** The same for what callers keep themselves: nobody will ever know that nothing needs this data key any more. */
export async function giveOutDataKey(tx: Queries, key: StoredDataKey): Promise<boolean> {
  const [isStored] = await Promise.all([insertDataKey(tx, key), tx.query(GIVE_OUT, [key.dataKeyId])]);
  return isStored;
}
