export type DrillErrorCode =
  | 'drill_not_found'
  /** The vault's key is nobody's who could withdraw it. */
  | 'drill_not_possible'
  /** Of this vault; one at a time. */
  | 'drill_under_way'
  /** It has ended. */
  | 'drill_is_over';

export class DrillError extends Error {
  override readonly name = 'DrillError';
  readonly facts: Readonly<Record<string, unknown>> = {};
  constructor(readonly code: DrillErrorCode) {
    super(code);
  }
}
