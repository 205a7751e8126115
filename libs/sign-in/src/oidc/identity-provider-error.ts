export type IdentityProviderErrorCode =
  | 'identity_provider_not_found'
  | 'identity_provider_name_taken'
  /** Groups are filled by its claims. */
  | 'identity_provider_in_use'
  | 'identity_provider_limit'
  /** It is not what it must be, or cannot be asked; `cause` and `remedy` tell what to do. Nothing was stored. */
  | 'identity_provider_rejected';

export interface IdentityProviderErrorFacts {
  cause?: string;
  remedy?: string;
}

export class IdentityProviderError extends Error {
  override readonly name = 'IdentityProviderError';
  constructor(
    readonly code: IdentityProviderErrorCode,
    readonly facts: Readonly<IdentityProviderErrorFacts> = {},
    options?: ErrorOptions,
  ) {
    super(code, options);
  }
}
