export type SignInErrorCode =
  /** Not shown to be who was claimed, or nobody here. One answer whatever it was, and whether there is such a workspace or not. */
  | 'sign_in_refused'
  /** Whoever could tell who this is did not answer, or not in a way that can be believed. Says nothing about the caller. */
  | 'sign_in_undecided';

export class SignInError extends Error {
  override readonly name: string = 'SignInError';
  readonly facts: Readonly<Record<string, unknown>> = {};
  constructor(
    readonly code: SignInErrorCode,
    options?: ErrorOptions,
  ) {
    super(code, options);
  }
}
