import type { AwsError } from '#aws';
import { failureOf } from '../kms-keys/aws-failure.js';
import { KeyStrategyError, type KeyStrategyErrorCode } from '../contract.js';

/** What AWS answered, or did not, while a key was made or ended. A refusal here is the operator's affair: no vault depends on it. */
export function makingError(error: AwsError): KeyStrategyError {
  const { region, awsError, requestId } = error.facts;
  const code = codeOf(error);
  return new KeyStrategyError(code, {
    cause: failureOf(error),
    remedy: code === 'unreachable' ? TRY_AGAIN : ASK_THE_OPERATOR,
    ...(region && { region }),
    ...(awsError && { awsError }),
    ...(requestId && { awsRequestId: requestId }),
  });
}

const TRY_AGAIN = 'AWS could not be asked. Repeat the same request: it goes on where this one ended, and makes no second key.';
const ASK_THE_OPERATOR =
  'AWS does not let this service keep keys in the account of its operator. Tell them the cause and the AWS request id.';

const FINAL: ReadonlySet<AwsError['code']> = new Set(['refused', 'pending-deletion', 'ours', 'platform', 'bad_options']);

function codeOf({ code }: AwsError): KeyStrategyErrorCode {
  return FINAL.has(code) ? 'refused' : 'unreachable';
}
