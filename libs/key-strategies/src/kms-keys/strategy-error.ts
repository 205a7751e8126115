import type { AwsError, CustomerKey, CustomerKms, Trail } from '#aws';
import { KeyStrategyError, type KeyStrategyErrorCode, type KeyStrategyErrorFacts } from '../contract.js';
import { failureOf } from './aws-failure.js';
import { remedyFactsOf } from './aws-kms-key.js';
import type { KeyKind } from './key-kind.js';

const CODES: Readonly<Record<AwsError['code'], KeyStrategyErrorCode>> = {
  'could-not-ask': 'unreachable',
  throttled: 'unreachable',
  passing: 'unreachable',
  'expired-credentials': 'unreachable',
  platform: 'unreachable',
  bad_options: 'unreachable',
  refused: 'refused',
  'pending-deletion': 'pending_deletion',
  ours: 'not_intact',
  busy: 'busy',
};

/** What was asked of whom. */
export interface Asked {
  aws: CustomerKms;
  key: CustomerKey;
  kind: KeyKind;
}

/** AWS's failure in the words of the contract. */
export function strategyErrorOf(error: AwsError, asked: Asked, calls: Trail): KeyStrategyError {
  const code = CODES[error.code];
  return code === 'not_intact' ? notIntact(calls) : new KeyStrategyError(code, { ...factsOf(error, asked), calls });
}

/** One error for whatever is wrong with sealed data: which check failed is told to nobody. */
export function notIntact(calls: Trail): KeyStrategyError {
  return new KeyStrategyError('not_intact', { cause: 'sealed data is not intact', calls });
}

function factsOf(error: AwsError, { aws, key, kind }: Asked): KeyStrategyErrorFacts {
  const { region, operation, awsError, requestId } = error.facts;
  const cause = failureOf(error);
  return {
    cause,
    remedy: kind.remedyFor(cause, remedyFactsOf(aws, key, region, operation)),
    ...(region && { region }),
    ...(awsError && { awsError }),
    ...(requestId && { awsRequestId: requestId }),
  };
}
