import type { Queries, Statement } from '#audit';
import type { StrategyName } from '#key-strategies';
import { lockVault } from './vault-key-store.js';

/** Behind the vault itself, in the order in which a seal comes to them. */
const LOCK_KEYS: Statement = {
  name: 'vault-lock-keys',
  text: `SELECT 1 FROM vault_keys WHERE workspace_id = $1 AND vault_id = $2 ORDER BY vault_key_id FOR UPDATE`,
};

/** Items in deleted boxes count: they come back with their box. */
const REMAINS: Statement = {
  name: 'vault-remains',
  text: `SELECT EXISTS (SELECT FROM items WHERE workspace_id = $1 AND vault_id = $2)
        OR EXISTS (SELECT FROM item_versions WHERE workspace_id = $1 AND vault_id = $2) AS items,
      EXISTS (SELECT FROM data_keys WHERE workspace_id = $1 AND vault_id = $2 AND given_out) AS given_out,
      EXISTS (SELECT FROM jobs WHERE workspace_id = $1 AND vault_id = $2 AND state IN ('queued', 'running', 'paused')) AS jobs`,
};

/** A data key that is given out in this moment stays, and its foreign key then keeps the vault key. */
const CLEAR: Statement = {
  name: 'vault-clear',
  text: `DELETE FROM data_keys WHERE workspace_id = $1 AND vault_id = $2 AND NOT given_out`,
};

const CLEAR_WRAPS: Statement = {
  name: 'vault-clear-wraps',
  text: `DELETE FROM data_key_wraps WHERE workspace_id = $1 AND vault_id = $2`,
};

const DELETE_KEYS: Statement = {
  name: 'vault-delete-keys',
  text: `DELETE FROM vault_keys WHERE workspace_id = $1 AND vault_id = $2 RETURNING vault_key_id, strategy, config, mac`,
};

const DELETE: Statement = { name: 'vault-delete', text: `DELETE FROM vaults WHERE workspace_id = $1 AND vault_id = $2` };

/** Until the end of the transaction nobody stores an item or a data key into it, or makes it the default. */
export async function lockWholeVault(tx: Queries, vaultId: string): Promise<void> {
  await lockVault(tx, vaultId);
  await tx.query(LOCK_KEYS, [vaultId]);
}

export interface Remains {
  items: boolean;
  /** Data keys under which callers keep things of which we know nothing. */
  given_out: boolean;
  /** That are not at their end. */
  jobs: boolean;
}

/** What is left in the vault. */
export async function remainsOf(tx: Queries, vaultId: string): Promise<Remains> {
  const [remains] = await tx.query<Remains>(REMAINS, [vaultId]);
  if (!remains) throw new Error('EXISTS always answers');
  return remains;
}

/** Deletes the data keys under which nothing is sealed any more. */
export async function clearVault(tx: Queries, vaultId: string): Promise<void> {
  await tx.query(CLEAR_WRAPS, [vaultId]);
  await tx.query(CLEAR, [vaultId]);
}

export interface DeletedKey {
  vault_key_id: string;
  strategy: StrategyName;
  config: string;
  mac: Buffer;
}

/** Deletes the vault and all its keys; answers these. Fails on a foreign key while anything is sealed under one of them. */
export async function deleteVaultRows(tx: Queries, vaultId: string): Promise<DeletedKey[]> {
  const keys = await tx.query<DeletedKey>(DELETE_KEYS, [vaultId]);
  await tx.query(DELETE, [vaultId]);
  return keys;
}
