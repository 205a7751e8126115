/** Why nobody was proved. The first five are found before AWS is asked, the last three say nothing about the caller. */
export const CALLER_IDENTITY_PROBLEMS = [
  /** Not what a client signs for this: form, scope, header names. */
  'malformed',
  'unknown_region',
  /** Signed too long ago, or in the future. */
  'not_fresh',
  /** Nothing says that the signature is meant for us. */
  'audience_not_signed',
  'token_not_signed',
  /** AWS: the signature does not belong to this request, key and time. */
  'signature_mismatch',
  /** AWS: the session token has expired. */
  'expired_token',
  /** AWS refused in another way: unknown key, unknown token. */
  'refused',
  /** An answer that STS would not give: nothing in it is believed. */
  'unintelligible',
  /** No answer, or one that AWS could not give. */
  'unavailable',
  /** Too many are being asked about in this process. */
  'busy',
] as const;
export type CallerIdentityProblem = (typeof CALLER_IDENTITY_PROBLEMS)[number];

export interface CallerIdentityFacts {
  /** What was wrong, in a few words of ours; never a word of the client's or of AWS. */
  reason?: string;
  /** The name that AWS gave the refusal. */
  awsError?: string;
  stsRequestId?: string;
}

/** The one error of proving an identity. It holds neither signature nor token nor anything of the answer but names. */
export class CallerIdentityError extends Error {
  override readonly name = 'CallerIdentityError';
  constructor(
    readonly code: CallerIdentityProblem,
    readonly facts: CallerIdentityFacts = {},
  ) {
    super([code, facts.reason, facts.awsError].filter(Boolean).join(': '));
  }
}
