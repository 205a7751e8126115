import type { KeyCheck } from '#key-strategies';

export type VaultErrorCode =
  | 'vault_not_found'
  | 'vault_name_taken'
  /** A new vault's key did not pass its checks; `checks` tell which and what to do. */
  | 'vault_key_rejected'
  /** The vault takes no new items. */
  | 'vault_disabled'
  /** The vault neither takes nor gives. */
  | 'vault_suspended';

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
