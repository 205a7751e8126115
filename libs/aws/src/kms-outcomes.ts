import { type FailedAnswer, isIntelligible } from './failed-answer.js';
import { outcomeOf, type OutcomeTable } from './outcome-of.js';
import type { Outcome } from './outcomes.js';

/** By exception name, never by HTTP status: KMS answers 400 to refusals, faults of ours and passing states alike. */
const BY_NAME: OutcomeTable = {
  DependencyTimeoutException: 'could-not-ask',
  KMSInternalException: 'could-not-ask',
  KeyUnavailableException: 'could-not-ask',
  InternalFailure: 'could-not-ask',
  InternalServerError: 'could-not-ask',
  ServiceUnavailable: 'could-not-ask',
  ServiceUnavailableException: 'could-not-ask',
  RequestTimeout: 'could-not-ask',
  RequestTimeoutException: 'could-not-ask',

  ThrottlingException: 'throttled',
  Throttling: 'throttled',
  TooManyRequestsException: 'throttled',
  LimitExceededException: 'throttled',

  ExpiredTokenException: 'expired-credentials',
  ExpiredToken: 'expired-credentials',
  UnrecognizedClientException: 'expired-credentials',
  InvalidClientTokenId: 'expired-credentials',

  AccessDeniedException: 'refused',
  NotFoundException: 'refused',
  InvalidArnException: 'refused',
  InvalidKeyUsageException: 'refused',
  InvalidGrantTokenException: 'refused',
  UnsupportedOperationException: 'refused',
  OptInRequired: 'refused',
  SubscriptionRequiredException: 'refused',

  InvalidCiphertextException: 'ours',
  IncorrectKeyException: 'ours',
  ValidationException: 'ours',
  SerializationException: 'ours',
  UnknownOperationException: 'ours',
  DryRunOperationException: 'ours',
  IncompleteSignatureException: 'ours',
  MissingAuthenticationTokenException: 'ours',
};

/** These have one name for opposite things; the text ends with the key's state. */
const NAMES_WITH_STATE = new Set(['KMSInvalidStateException', 'DisabledException']);
const BY_STATE: readonly (readonly [RegExp, Outcome])[] = [
  [/is (creating|updating)\.?$/, 'passing'],
  [/is pending (replica )?deletion/, 'pending-deletion'],
];

export function kmsOutcome(answer: FailedAnswer): Outcome {
  const tellsState = isIntelligible(answer) && NAMES_WITH_STATE.has(answer.name);
  return tellsState ? byState(answer.message) : outcomeOf(answer, BY_NAME);
}

function byState(message: string): Outcome {
  return BY_STATE.find(([text]) => text.test(message))?.[1] ?? 'refused';
}
