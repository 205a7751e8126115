import type { AwsCaller } from '#access';
import type { CallerIdentityError, CallerIdentityProblem } from '#aws';
import type { AuditedCall } from '#audit';
import { SignInError } from '../sign-in-error.js';

/** Why an AWS identity was not signed in: for the record, and for the Cerberus API, whose clients know some of it by codes. */
export type AwsRefusalReason =
  | CallerIdentityProblem
  /** AWS told of somebody whom no grant could name. */
  | 'unusable_identity'
  /** No live grant of the workspace names the caller, or there is no such workspace. */
  | 'not_granted'
  /** The signature let somebody in before. */
  | 'replayed';

/** They say nothing about the caller, who may come again with the same signature. */
const UNDECIDED: ReadonlySet<AwsRefusalReason> = new Set(['unavailable', 'unintelligible', 'busy']);

/** What was found out until then. */
export interface AwsRefusalFindings {
  /** As AWS told it. */
  arn?: string;
  caller?: AwsCaller;
  call?: AuditedCall;
  cause?: CallerIdentityError;
}

/** Nobody was signed in. Outside it is one of two codes; reason and findings are for the record. */
export class AwsRefusal extends SignInError {
  override readonly name = 'AwsRefusal';
  constructor(
    readonly reason: AwsRefusalReason,
    readonly found: AwsRefusalFindings = {},
  ) {
    super(UNDECIDED.has(reason) ? 'sign_in_undecided' : 'sign_in_refused', { cause: found.cause });
  }
}
