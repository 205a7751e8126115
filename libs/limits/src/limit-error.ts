export type LimitErrorCode =
  /** Too many tries to prove who one is, of this account, from this address or in this workspace. */
  | 'too_many_tries'
  /** Tries cannot be counted: nobody may try. */
  | 'tries_not_counted';

export interface LimitErrorFacts {
  /** When to come again, 1 at least. */
  retryAfterSeconds?: number;
}

export class LimitError extends Error {
  override readonly name = 'LimitError';
  constructor(
    readonly code: LimitErrorCode,
    readonly facts: Readonly<LimitErrorFacts> = {},
    options?: ErrorOptions,
  ) {
    super(code, options);
  }
}
