export type SignInErrorCode =
  /** Not shown to be who was claimed, or nobody here. One answer whatever it was, and whether there is such a workspace or not. */
  | 'sign_in_refused'
  /** Nobody left for an identity provider from this browser, or too long ago. */
  | 'sign_in_not_begun'
  /** Whoever could tell who this is did not answer, or not in a way that can be believed. Says nothing about the caller. */
  | 'sign_in_undecided'
  /** Somebody who is signed in did not show again who they are. */
  | 'identity_not_confirmed'
  /** Unknown, used, withdrawn or expired. */
  | 'invitation_refused'
  /** Not the code of the authenticator that is being set up. */
  | 'totp_code_refused'
  /** Too short, too long, or what anybody would try first. `errors` says which. */
  | 'password_not_acceptable'
  /** Signs in elsewhere: there is no password here to go with. */
  | 'no_password'
  /** Too many passwords wait to be checked. */
  | 'sign_in_busy'
  /** Over, absent, or somebody else's: they are one. */
  | 'session_not_found';

export interface SignInErrorFacts {
  errors?: readonly { field: string; message: string }[];
}

export class SignInError extends Error {
  override readonly name: string = 'SignInError';
  readonly facts: Readonly<SignInErrorFacts>;
  constructor(
    readonly code: SignInErrorCode,
    { facts = {}, ...options }: ErrorOptions & { facts?: SignInErrorFacts } = {},
  ) {
    super(code, options);
    this.facts = facts;
  }
}
