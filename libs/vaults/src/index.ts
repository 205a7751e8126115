export { CreateVault, type VaultRequest } from './create-vault.js';
export { DataKeys, type SealedUnder } from './data-keys/data-keys.js';
export type { KeyUse } from './data-keys/plaintext-cache.js';
export { type StoredDataKey, insertDataKey } from './data-keys/data-key-store.js';
export { firstVault } from './first-vault.js';
export { KeyClaims } from './key-claims.js';
export { permit } from './key-permits.js';
export { RecordRefusal } from './record-refusal.js';
export { SetDefaultVault } from './set-default-vault.js';
export { UpdateVault, type VaultChange } from './update-vault.js';
export { VaultError, type VaultErrorCode } from './vault-error.js';
export { VaultKeys } from './vault-keys.js';
export {
  JOIN_ACTIVE_KEY,
  VAULT_STATE_COLUMNS,
  VAULT_STATUSES,
  type VaultSettings,
  type VaultState,
  type VaultStatus,
  findVault,
  findVaultState,
  listVaults,
} from './vault-store.js';
export { type KeyReportView, type VaultView, VaultViews } from './vault-view.js';
export { VerifyVault } from './verify-vault.js';
