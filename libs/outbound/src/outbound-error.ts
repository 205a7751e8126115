export type OutboundErrorCode =
  /** No https URL, or one with a user in it. */
  | 'url_not_allowed'
  /** An address that only this service can reach. */
  | 'address_not_allowed'
  | 'name_not_found'
  | 'too_slow';

/** Nobody was asked. Its message is its code. */
export class OutboundError extends Error {
  override readonly name = 'OutboundError';
  constructor(
    readonly code: OutboundErrorCode,
    options?: ErrorOptions,
  ) {
    super(code, options);
  }
}
