import type { Queries, Statement } from '#audit';
import type { KeyHealth, StrategyName } from '#key-strategies';
import type { VaultStanding, VaultStatus } from './vault-standing.js';

/** What decides about a seal or an unseal; read anew by every request. */
export interface VaultState {
  vault_id: string;
  status: VaultStatus;
  key_health: KeyHealth;
  health_cause: string | null;
  health_region: string | null;
  health_aws_error: string | null;
  health_aws_request_id: string | null;
  active_vault_key_id: string;
  items_per_data_key: number;
  data_key_max_age_seconds: number;
  data_key_cache_seconds: number;
  /** Data keys that were opened in an earlier one are not used any more. */
  data_key_epoch: number;
}

export interface VaultKeyId {
  vaultId: string;
  vaultKeyId: string;
}

export interface StoredVault extends VaultState {
  name: string;
  strategy: StrategyName;
  is_default: boolean;
  resumes_as: VaultStanding['resumesAs'];
  health_since: Date;
  created_at: Date;
  updated_at: Date;
  vault_key_config: string;
  vault_key_mac: Buffer;
}

/** Columns of VaultState, of a vault that is called `v` and the one of its keys that is concerned, called `k`. */
export const VAULT_STATE_COLUMNS = `v.vault_id, v.status, k.key_health, k.health_cause, k.health_region, k.health_aws_error,
  k.health_aws_request_id, v.active_vault_key_id, v.items_per_data_key, v.data_key_max_age_seconds, v.data_key_cache_seconds,
  v.data_key_epoch`;

/** The key under which a vault `v` seals at present, called `k`. */
export const JOIN_ACTIVE_KEY = `JOIN vault_keys k
    ON k.workspace_id = v.workspace_id AND k.vault_id = v.vault_id AND k.vault_key_id = v.active_vault_key_id`;

const WHOLE = `SELECT ${VAULT_STATE_COLUMNS}, v.name, k.strategy, v.resumes_as, k.health_since, v.created_at, v.updated_at,
    v.vault_id = w.default_vault_id AS is_default, k.config AS vault_key_config, k.mac AS vault_key_mac
  FROM vaults v
  JOIN workspaces w ON w.workspace_id = v.workspace_id
  ${JOIN_ACTIVE_KEY}
  WHERE v.workspace_id = $1`;

const FIND: Statement = { name: 'vault-find', text: `${WHOLE} AND v.vault_id = $2` };

const LIST: Statement = {
  name: 'vault-list',
  text: `${WHOLE} AND ($2::uuid IS NULL OR v.vault_id < $2) ORDER BY v.vault_id DESC LIMIT $3`,
};

const NAME_TAKEN: Statement = {
  name: 'vault-name-taken',
  text: `SELECT 1 FROM vaults WHERE workspace_id = $1 AND lower(name) = lower($2)`,
};

const STATE: Statement = {
  name: 'vault-state',
  text: `SELECT ${VAULT_STATE_COLUMNS} FROM vaults v LEFT ${JOIN_ACTIVE_KEY}
    WHERE v.workspace_id = $1 AND v.vault_id = $2`,
};

const DEFAULT_STATE: Statement = {
  name: 'vault-default-state',
  text: `SELECT ${VAULT_STATE_COLUMNS} FROM workspaces w
    JOIN vaults v ON v.workspace_id = w.workspace_id AND v.vault_id = w.default_vault_id
    LEFT ${JOIN_ACTIVE_KEY} WHERE w.workspace_id = $1`,
};

const KEY_STATE: Statement = {
  name: 'vault-key-state',
  text: `SELECT ${VAULT_STATE_COLUMNS} FROM vaults v JOIN vault_keys k ON k.workspace_id = v.workspace_id AND k.vault_id = v.vault_id
    WHERE v.workspace_id = $1 AND v.vault_id = $2 AND k.vault_key_id = $3`,
};

const INSERT: Statement = {
  name: 'vault-insert',
  text: `WITH vault AS (
      INSERT INTO vaults (workspace_id, vault_id, name, active_vault_key_id,
        items_per_data_key, data_key_max_age_seconds, data_key_cache_seconds)
      VALUES ($1, $2, $3, $6, $7, $8, $9))
    INSERT INTO vault_keys (workspace_id, vault_id, vault_key_id, strategy, key_health, config, mac)
    VALUES ($1, $2, $6, $4, $5, $10, $11)`,
};

const UPDATE: Statement = {
  name: 'vault-update',
  text: `UPDATE vaults SET name = coalesce($3, name), items_per_data_key = coalesce($4, items_per_data_key),
      data_key_max_age_seconds = coalesce($5, data_key_max_age_seconds),
      data_key_cache_seconds = coalesce($6, data_key_cache_seconds), updated_at = now()
    WHERE workspace_id = $1 AND vault_id = $2`,
};

const SET_HEALTH: Statement = {
  name: 'vault-set-health',
  text: `UPDATE vault_keys SET key_health = $4, health_cause = $5, health_region = $6, health_aws_error = $7,
      health_aws_request_id = $8, health_since = CASE WHEN key_health = $4 THEN health_since ELSE now() END
    WHERE workspace_id = $1 AND vault_id = $2 AND vault_key_id = $3 AND ($9::text IS NULL OR key_health = $9) RETURNING 1`,
};

/** Those who seal meanwhile do not wait: their rows refer to the vault by its key, which stays. */
const LOCK_STANDING: Statement = {
  name: 'vault-lock-standing',
  text: `SELECT status, resumes_as AS "resumesAs" FROM vaults WHERE workspace_id = $1 AND vault_id = $2 FOR NO KEY UPDATE`,
};

const SET_STANDING: Statement = {
  name: 'vault-set-standing',
  text: `UPDATE vaults SET status = $3, resumes_as = $4, updated_at = now() WHERE workspace_id = $1 AND vault_id = $2`,
};

export interface VaultSettings {
  itemsPerDataKey?: number;
  dataKeyMaxAgeSeconds?: number;
  dataKeyCacheSeconds?: number;
}

export interface NewVault {
  vaultId: string;
  name: string;
  strategy: StrategyName;
  keyHealth: KeyHealth;
  vaultKeyId: string;
  config: string;
  mac: Buffer;
  settings: Required<VaultSettings>;
}

export interface HealthFinding {
  health: KeyHealth;
  cause?: string | undefined;
  region?: string | undefined;
  awsError?: string | undefined;
  awsRequestId?: string | undefined;
}

export const DEFAULT_SETTINGS: Required<VaultSettings> = { itemsPerDataKey: 1_000, dataKeyMaxAgeSeconds: 86_400, dataKeyCacheSeconds: 60 };

/** What was not chosen has its default. */
export function completeSettings({ itemsPerDataKey, dataKeyMaxAgeSeconds, dataKeyCacheSeconds }: VaultSettings): Required<VaultSettings> {
  return {
    itemsPerDataKey: itemsPerDataKey ?? DEFAULT_SETTINGS.itemsPerDataKey,
    dataKeyMaxAgeSeconds: dataKeyMaxAgeSeconds ?? DEFAULT_SETTINGS.dataKeyMaxAgeSeconds,
    dataKeyCacheSeconds: dataKeyCacheSeconds ?? DEFAULT_SETTINGS.dataKeyCacheSeconds,
  };
}

export async function findVault(tx: Queries, vaultId: string): Promise<StoredVault | undefined> {
  return (await tx.query<StoredVault>(FIND, [vaultId]))[0];
}

export async function isVaultNameTaken(tx: Queries, name: string): Promise<boolean> {
  return (await tx.query(NAME_TAKEN, [name])).length > 0;
}

/** Newest first. */
export function listVaults(tx: Queries, limit: number, before?: string): Promise<StoredVault[]> {
  return tx.query<StoredVault>(LIST, [before, limit]);
}

/** The vault's deciding fields with its active key's health; of the workspace's default vault when none is named. */
export async function findVaultState(tx: Queries, vaultId: string | undefined): Promise<VaultState | undefined> {
  const rows = vaultId === undefined ? tx.query<VaultState>(DEFAULT_STATE) : tx.query<VaultState>(STATE, [vaultId]);
  return (await rows)[0];
}

/** The same with the health of that key of the vault, be it the active one or not. */
export async function findVaultKeyState(tx: Queries, { vaultId, vaultKeyId }: VaultKeyId): Promise<VaultState | undefined> {
  return (await tx.query<VaultState>(KEY_STATE, [vaultId, vaultKeyId]))[0];
}

export async function insertVault(tx: Queries, vault: NewVault): Promise<void> {
  const { vaultId, name, strategy, keyHealth, vaultKeyId, config, mac, settings } = vault;
  const { itemsPerDataKey, dataKeyMaxAgeSeconds, dataKeyCacheSeconds } = settings;
  const own = [vaultId, name, strategy, keyHealth, vaultKeyId, itemsPerDataKey, dataKeyMaxAgeSeconds, dataKeyCacheSeconds];
  await tx.query(INSERT, [...own, config, mac]);
}

export async function updateVault(tx: Queries, vaultId: string, change: VaultSettings & { name?: string }): Promise<void> {
  const { name, itemsPerDataKey, dataKeyMaxAgeSeconds, dataKeyCacheSeconds } = change;
  await tx.query(UPDATE, [vaultId, name, itemsPerDataKey, dataKeyMaxAgeSeconds, dataKeyCacheSeconds]);
}

/** Nobody else decides about the vault until the transaction ends; undefined when it is not there. */
export async function lockStanding(tx: Queries, vaultId: string): Promise<VaultStanding | undefined> {
  return (await tx.query<VaultStanding>(LOCK_STANDING, [vaultId]))[0];
}

export async function setStanding(tx: Queries, vaultId: string, { status, resumesAs }: VaultStanding): Promise<void> {
  await tx.query(SET_STANDING, [vaultId, status, resumesAs]);
}

/** Answers whether it was set: with `instead`, only where the health on record still is that one. */
export async function setKeyHealth(
  tx: Queries,
  { vaultId, vaultKeyId }: VaultKeyId,
  finding: HealthFinding,
  instead?: KeyHealth,
): Promise<boolean> {
  const { health, cause, region, awsError, awsRequestId } = finding;
  return (await tx.query(SET_HEALTH, [vaultId, vaultKeyId, health, cause, region, awsError, awsRequestId, instead])).length === 1;
}
