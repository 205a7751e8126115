export { AskVaultKey } from './ask-vault-key.js';
export { ChangeVaultStanding } from './change-vault-standing.js';
export { CreateVault, reportView, type VaultRequest } from './create-vault.js';
export { DataKeys, type SealedUnder } from './data-keys/data-keys.js';
export type { KeyUse } from './data-keys/plaintext-cache.js';
export { DeleteVault, type DeletedVault } from './delete-vault.js';
export { type StoredDataKey, giveOutDataKey, insertDataKey } from './data-keys/data-key-store.js';
export { type RewrappedKey, RewrapDataKey } from './data-keys/rewrap-data-key.js';
export { type KeysToRewrap, type KeyToRewrap, countKeysToRewrap, findKeysToRewrap, switchDataKey } from './data-keys/rewrap-store.js';
export { firstVault } from './first-vault.js';
export { findKnownHealth } from './health/find-known-health.js';
export { type StoredVaultHealth, findVaultHealth } from './health/find-vault-health.js';
export { daysLeft } from './health/health-events.js';
export {
  type FinishedProbe,
  type StoredHealthChange,
  type StoredProbe,
  type StoredRegionHealth,
  endProbesOfEmptied,
  findProbe,
  listHealthChanges,
  noteUnchanged,
} from './health/health-store.js';
export { type Judgement, type KnownHealth, judge, recordReport } from './health/record-report.js';
export { VaultKeyUses } from './health/vault-key-uses.js';
export { KeyClaims } from './key-claims.js';
export { MakeManagedKey } from './managed-keys/make-managed-key.js';
export { type DeletedVaultRow, listDeletedVaults } from './managed-keys/managed-key-store.js';
export { retireManagedKey } from './managed-keys/retire-managed-key.js';
export { SettleManagedKeys } from './managed-keys/settle-managed-keys.js';
export { workspacesWithDueKeys } from './managed-keys/workspaces-with-due-keys.js';
export { permit } from './key-permits.js';
export { type KeyRequest, type KeySubject, type ProvedVaultKey, ProveVaultKey } from './prove-vault-key.js';
export { ObeyPurges } from './purges/obey-purges.js';
export { PurgeDataKeys } from './purges/purge-data-keys.js';
export { PURGE_CHANNEL, findPurge, listPurges } from './purges/purge-store.js';
export { type PurgeView, purgeView } from './purges/purge-view.js';
export { RecordRefusal } from './record-refusal.js';
export { RestoreVault } from './restore-vault.js';
export { ResumeVault } from './resume-vault.js';
export { SetDefaultVault } from './set-default-vault.js';
export { UpdateVault, type VaultChange } from './update-vault.js';
export { VaultError, type VaultErrorCode, metDefaultVault, metVaultDeletion } from './vault-error.js';
export {
  type LockedVault,
  type StoredVaultKey,
  endUndoWindow,
  findLeftKey,
  forgetWraps,
  keepWraps,
  lockVault,
  switchVaultKey,
} from './vault-key-store.js';
export { VaultKeys } from './vault-keys.js';
export {
  JOIN_ACTIVE_KEY,
  VAULT_STATE_COLUMNS,
  type StoredVault,
  type VaultSettings,
  type VaultState,
  type VaultKeyId,
  findVault,
  findVaultKeyState,
  findVaultState,
  listVaults,
  lockStanding,
  setStanding,
} from './vault-store.js';
export { VAULT_STATUSES, type VaultStatus, standingAfter } from './vault-standing.js';
export { type KeyReportView, type VaultView, VaultViews } from './vault-view.js';
export { VerifyVault } from './verify-vault.js';
export { type VaultKeyUse, dataKeyLookups, vaultKeyUses } from './data-keys/key-signals.js';
