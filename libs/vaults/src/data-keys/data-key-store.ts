import type { Queries, Statement } from '#audit';

const INSERT: Statement = {
  name: 'data-key-insert',
  text: `INSERT INTO data_keys (workspace_id, vault_id, data_key_id, vault_key_id, wrapped, mac) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT DO NOTHING`,
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
