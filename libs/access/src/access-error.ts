export type AccessErrorCode =
  /** No credential, or none that is known. */
  | 'unauthenticated'
  /** Known, but not allowed to do this. */
  | 'forbidden'
  /** Allowed, once the person has shown again who they are. */
  | 'confirmation_required'
  /** A browser's request that its own pages did not make. */
  | 'csrf_refused'
  /** Whom it is about is of the caller's own role or above. */
  | 'outranked'
  /** Would give somebody more than the caller has. */
  | 'beyond_own_rights';

export class AccessError extends Error {
  override readonly name = 'AccessError';
  readonly facts: Readonly<Record<string, unknown>> = {};
  constructor(readonly code: AccessErrorCode) {
    super(code);
  }
}
