export type LimitErrorCode =
  /** Too many tries to prove who one is, of this account, from this address or in this workspace. */
  | 'too_many_tries'
  /** Tries cannot be counted: nobody may try. */
  | 'tries_not_counted'
  /** The workspace has used up its requests or bytes. */
  | 'too_many_requests'
  /** Too many requests of the workspace are under way. */
  | 'workspace_busy';

export interface LimitErrorFacts {
  /** When to come again, 1 at least. */
  retryAfterSeconds: number;
  /** Name of the policy in `RateLimit-Policy` that is used up. */
  limit?: string;
  /** Which counters of tries are full; not for the public. */
  full?: readonly string[];
}

export class LimitError extends Error {
  override readonly name = 'LimitError';
  constructor(
    readonly code: LimitErrorCode,
    readonly facts: Readonly<LimitErrorFacts>,
    options?: ErrorOptions,
  ) {
    super(code, options);
  }
}
