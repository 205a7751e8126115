import type { AwsError, AwsRegion } from '#aws';
import { failureOf } from './aws-failure.js';
import type { Failure, Warning } from './causes.js';

export const CHECKS = [
  'configuration',
  'external_id',
  'assume_role',
  'caller_account',
  'describe_key',
  'public_key',
  'encrypt',
  'decrypt',
] as const;
export type Check = (typeof CHECKS)[number];

/** What one check of the probe found. */
export type Finding = { check: Check; region?: AwsRegion; awsRequestId?: string } & (
  | { ok: true; cause?: Warning }
  | { ok: false; cause: Failure; awsError?: string; operation?: string }
);

export function passed(check: Check, region?: AwsRegion, cause?: Warning): Finding {
  return { check, ok: true, ...(region && { region }), ...(cause && { cause }) };
}

export function failed(check: Check, cause: Failure, region?: AwsRegion): Finding {
  return { check, ok: false, cause, ...(region && { region }) };
}

/** The finding with the request to AWS that it rests on. */
export function restingOn(requestId: string | undefined, finding: Finding): Finding {
  return requestId === undefined ? finding : { ...finding, awsRequestId: requestId };
}

/** AWS's answer, or silence, as the finding of a check; `cause` where it means something else here than by itself. */
export function failedBy(error: AwsError, check: Check, region?: AwsRegion, cause: Failure = failureOf(error)): Finding {
  const { operation, awsError, requestId } = error.facts;
  const where = region ?? error.facts.region;
  return {
    ...failed(check, cause, where),
    ok: false,
    cause,
    ...(operation && { operation }),
    ...(awsError && { awsError }),
    ...(requestId && { awsRequestId: requestId }),
  };
}
