/** What the edge itself finds wrong with a request, before any feature has seen it. */
export type HttpErrorCode =
  | 'validation_failed'
  | 'malformed_json'
  | 'bad_request'
  | 'unsupported_media_type'
  | 'payload_too_large'
  | 'uri_too_long'
  | 'headers_too_large'
  | 'expectation_failed'
  | 'request_timeout'
  | 'not_found'
  | 'shutting_down'
  | 'internal';

/** One field that is not as it must be. The value is never repeated. */
export interface FieldError {
  /** Path within the body, `entries.3.vaultId`, or the name of a header or parameter. */
  field: string;
  message: string;
}

export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly facts: Readonly<Record<string, unknown>>;
  constructor(
    readonly code: HttpErrorCode,
    facts: { errors?: readonly FieldError[] } = {},
    options?: ErrorOptions,
  ) {
    super(code, options);
    this.facts = { ...facts };
  }
}
