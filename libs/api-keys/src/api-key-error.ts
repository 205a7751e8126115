export type ApiKeyErrorCode =
  /** Absent, or somebody else's: the two are one. */
  | 'api_key_not_found'
  /** In the past, or too far away. */
  | 'expiry_not_possible'
  /** `access:any_box` and a list of boxes contradict each other. */
  | 'any_box_with_list';

export class ApiKeyError extends Error {
  override readonly name = 'ApiKeyError';
  readonly facts: Readonly<Record<string, unknown>> = {};
  constructor(readonly code: ApiKeyErrorCode) {
    super(code);
  }
}
