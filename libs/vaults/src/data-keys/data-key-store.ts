import type { Queries, Statement } from '#audit';

const INSERT: Statement = {
  name: 'data-key-insert',
  text: `INSERT INTO data_keys (workspace_id, vault_id, data_key_id, vault_key_id, wrapped, mac, given_out)
    VALUES ($1, $2, $3, $4, $5, $6, false) ON CONFLICT DO NOTHING`,
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

/** Inserts a data key unless it is there: everyone who seals under a new one before its first commit is known brings it along. */
export function insertDataKey(tx: Queries, key: StoredDataKey): Promise<unknown> {
  return tx.query(INSERT, [key.vaultId, key.dataKeyId, key.vaultKeyId, key.wrapped, key.mac]);
}

/** The same for what callers keep themselves: nobody will ever know that nothing needs this data key any more. */
export function giveOutDataKey(tx: Queries, key: StoredDataKey): Promise<unknown> {
  void insertDataKey(tx, key);
  return tx.query(GIVE_OUT, [key.dataKeyId]);
}
