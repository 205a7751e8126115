export type AccessErrorCode =
  /** No credential, or none that is known. */
  | 'unauthenticated'
  /** Known, but not allowed to do this. */
  | 'forbidden';

export class AccessError extends Error {
  override readonly name = 'AccessError';
  readonly facts: Readonly<Record<string, unknown>> = {};
  constructor(readonly code: AccessErrorCode) {
    super(code);
  }
}
