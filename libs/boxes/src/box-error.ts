export type BoxErrorCode =
  /** Absent, deleted, somebody else's, or nothing that the caller may look into: all are one. */
  'box_not_found';

export class BoxError extends Error {
  override readonly name = 'BoxError';
  readonly facts: Readonly<Record<string, unknown>> = {};
  constructor(readonly code: BoxErrorCode) {
    super(code);
  }
}
