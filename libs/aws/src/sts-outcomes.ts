import type { FailedAnswer } from './failed-answer.js';
import { outcomeOf, type OutcomeTable } from './outcome-of.js';
import type { Outcome } from './outcomes.js';

/**
 * Outcomes of AssumeRole. `expired-credentials` are here those of the caller, the service's own role. A wrong external ID, a
 * missing permission and a role that does not exist are one and the same AccessDenied.
 */
const BY_NAME: OutcomeTable = {
  ServiceUnavailable: 'could-not-ask',
  InternalFailure: 'could-not-ask',
  RequestTimeout: 'could-not-ask',

  Throttling: 'throttled',
  ThrottlingException: 'throttled',
  TooManyRequestsException: 'throttled',

  ExpiredToken: 'expired-credentials',
  ExpiredTokenException: 'expired-credentials',
  InvalidClientTokenId: 'expired-credentials',
  UnrecognizedClientException: 'expired-credentials',

  AccessDenied: 'refused',
  AccessDeniedException: 'refused',
  RegionDisabledException: 'refused',
  OptInRequired: 'refused',

  ValidationError: 'ours',
  ValidationException: 'ours',
  InvalidParameterValue: 'ours',
  MalformedInput: 'ours',
  MalformedPolicyDocumentException: 'ours',
  PackedPolicyTooLargeException: 'ours',
  InvalidAction: 'ours',
  MissingAuthenticationToken: 'ours',
  IncompleteSignature: 'ours',
};

export function stsOutcome(answer: FailedAnswer): Outcome {
  return outcomeOf(answer, BY_NAME);
}
