import type { Queries, Statement } from '#audit';
import type { KeyHealth, StrategyName } from '#key-strategies';
import type { VaultStanding } from './vault-standing.js';

/** How long what a change of keys replaced is kept, from its last step on. */
const UNDO_WINDOW = `interval '24 hours'`;

/**
 * Waits for whoever is storing something in the vault, each of whom has locked its row for that; who comes later waits for this
 * transaction, and sees what it has changed.
 */
const LOCK: Statement = {
  name: 'vault-lock-to-change',
  text: `SELECT active_vault_key_id, status, resumes_as AS "resumesAs" FROM vaults WHERE workspace_id = $1 AND vault_id = $2 FOR UPDATE`,
};

const INSERT: Statement = {
  name: 'vault-key-insert',
  text: `INSERT INTO vault_keys (workspace_id, vault_id, vault_key_id, strategy, key_health, config, mac)
    VALUES ($1, $2, $3, $4, $5, $6, $7)`,
};

const SWITCH: Statement = {
  name: 'vault-key-switch',
  text: `WITH retired AS (
      UPDATE vault_keys SET retired_at = clock_timestamp(), undo_until = clock_timestamp() + ${UNDO_WINDOW}
      WHERE workspace_id = $1 AND vault_id = $2 AND vault_key_id = $3),
    active AS (
      UPDATE vault_keys SET retired_at = NULL, undo_until = NULL WHERE workspace_id = $1 AND vault_id = $2 AND vault_key_id = $4)
    UPDATE vaults SET active_vault_key_id = $4, updated_at = now()
    WHERE workspace_id = $1 AND vault_id = $2 AND active_vault_key_id = $3 RETURNING 1`,
};

const KEEP: Statement = {
  name: 'vault-keys-keep',
  text: `UPDATE vault_keys SET undo_until = clock_timestamp() + ${UNDO_WINDOW}
    WHERE workspace_id = $1 AND vault_id = $2 AND vault_key_id = ANY ($3) AND retired_at IS NOT NULL`,
};

const FIND_LEFT: Statement = {
  name: 'vault-key-left-last',
  text: `SELECT k.vault_key_id, k.strategy, k.key_health, k.config, k.mac FROM vault_keys k
    WHERE k.workspace_id = $1 AND k.vault_id = $2 AND k.retired_at IS NOT NULL AND k.undo_until > clock_timestamp()
    ORDER BY k.retired_at DESC LIMIT 1`,
};

const HOLDING: Statement = {
  name: 'vault-keys-holding',
  text: `SELECT k.vault_key_id, k.strategy, k.key_health, k.config, k.mac FROM vault_keys k
    JOIN vaults v ON v.workspace_id = k.workspace_id AND v.vault_id = k.vault_id AND v.active_vault_key_id <> k.vault_key_id
    WHERE k.workspace_id = $1 AND k.vault_id = $2
      AND EXISTS (SELECT FROM data_keys d WHERE d.workspace_id = k.workspace_id AND d.vault_id = k.vault_id AND d.vault_key_id = k.vault_key_id)
    ORDER BY k.retired_at DESC LIMIT 4`,
};

const FORGET: Statement = {
  name: 'data-key-wraps-forget',
  text: `DELETE FROM data_key_wraps WHERE workspace_id = $1 AND (data_key_id, vault_key_id) IN (
      SELECT w.data_key_id, w.vault_key_id FROM data_key_wraps w
      JOIN vault_keys k ON k.workspace_id = w.workspace_id AND k.vault_id = w.vault_id AND k.vault_key_id = w.vault_key_id
      WHERE w.workspace_id = $1 AND w.vault_id = $2 AND w.vault_key_id = $3 AND k.undo_until < clock_timestamp() LIMIT $4)
    RETURNING 1`,
};

const FINALISE: Statement = {
  name: 'vault-key-finalise',
  text: `UPDATE vault_keys SET undo_until = NULL
    WHERE workspace_id = $1 AND vault_id = $2 AND vault_key_id = $3 AND undo_until < clock_timestamp() RETURNING 1`,
};

export interface LockedVault extends VaultStanding {
  active_vault_key_id: string;
}

export interface StoredVaultKey {
  vault_key_id: string;
  strategy: StrategyName;
  key_health: KeyHealth;
  config: string;
  mac: Buffer;
}

export async function lockVault(tx: Queries, vaultId: string): Promise<LockedVault | undefined> {
  return (await tx.query<LockedVault>(LOCK, [vaultId]))[0];
}

export async function insertVaultKey(tx: Queries, vaultId: string, key: StoredVaultKey): Promise<void> {
  await tx.query(INSERT, [vaultId, key.vault_key_id, key.strategy, key.key_health, key.config, key.mac]);
}

/** From here on new data keys stand under `to`. False when `from` is not the vault's active key any more. */
export async function switchVaultKey(tx: Queries, vaultId: string, { from, to }: { from: string; to: string }): Promise<boolean> {
  return (await tx.query(SWITCH, [vaultId, from, to])).length === 1;
}

/** From now on the whole window, for the wraps of these vault keys that were left. */
export async function keepWraps(tx: Queries, vaultId: string, vaultKeyIds: readonly string[]): Promise<void> {
  await tx.query(KEEP, [vaultId, vaultKeyIds]);
}

/** The key that the vault left last and can still go back to. */
export async function findLeftKey(tx: Queries, vaultId: string): Promise<StoredVaultKey | undefined> {
  return (await tx.query<StoredVaultKey>(FIND_LEFT, [vaultId]))[0];
}

/** Keys that the vault has left and under which data keys stand still, the one that it left last first. */
export async function findHoldingKeys(tx: Queries, vaultId: string): Promise<StoredVaultKey[]> {
  return tx.query<StoredVaultKey>(HOLDING, [vaultId]);
}

/** Of a vault key whose window is over; answers how many went, at most `limit`. */
export async function forgetWraps(tx: Queries, vaultId: string, vaultKeyId: string, limit: number): Promise<number> {
  return (await tx.query(FORGET, [vaultId, vaultKeyId, limit])).length;
}

/** Whether it was this that ended the window. */
export async function endUndoWindow(tx: Queries, vaultId: string, vaultKeyId: string): Promise<boolean> {
  return (await tx.query(FINALISE, [vaultId, vaultKeyId])).length === 1;
}
