import { isForeignKeyViolation } from '#database';
import type { KeyCheck } from '#key-strategies';

export type VaultErrorCode =
  | 'vault_not_found'
  | 'vault_name_taken'
  /** A new vault's key did not pass its checks; `checks` tell which and what to do. */
  | 'vault_key_rejected'
  /** Another request makes the key of a vault of this name at the moment. */
  | 'vault_being_created'
  | 'vault_is_default'
  /** Items are in it, or in deleted boxes and not purged yet. */
  | 'vault_not_empty'
  /** Work on it is not at its end. */
  | 'vault_has_jobs'
  /** Data was sealed under its key for callers who keep it themselves. */
  | 'vault_key_given_out'
  /** The key's end is being scheduled or undone at the moment. */
  | 'vault_key_deletion_under_way'
  /** Something is being moved in it: to another key, or out of it. One at a time. */
  | 'vault_moving'
  /** There is no earlier key that it could go back to any more. */
  | 'nothing_to_undo'
  /** What is to go from a vault to itself goes nowhere. */
  | 'same_vault'
  /** The vault takes no new items. */
  | 'vault_disabled'
  /** The vault neither takes nor gives. */
  | 'vault_suspended'
  /** The vault's key did not pass its checks; `checks` tell which and what to do. */
  | 'vault_not_resumed'
  | 'purge_not_found';

export interface VaultErrorFacts {
  checks?: readonly KeyCheck[];
}

export class VaultError extends Error {
  override readonly name = 'VaultError';
  constructor(
    readonly code: VaultErrorCode,
    readonly facts: Readonly<VaultErrorFacts> = {},
  ) {
    super(code);
  }
}

/** Whether a vault was made the default in the moment of its deletion: what came second fails, at its commit. */
export const metDefaultVault = (error: unknown): boolean => isForeignKeyViolation(error, 'workspaces_default_vault_fkey');

/** Foreign keys on which a seal fails when its vault is deleted, or its data key not stored, in the same moment. */
const HOLD_VAULTS = [
  'items_workspace_id_vault_id_fkey',
  'item_versions_workspace_id_vault_id_data_key_id_fkey',
  'data_keys_workspace_id_vault_id_vault_key_id_fkey',
];

/** Whether a seal and the deletion of its vault met: what came second fails. */
export function metVaultDeletion(error: unknown): boolean {
  return HOLD_VAULTS.some((constraint) => isForeignKeyViolation(error, constraint));
}
