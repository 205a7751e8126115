import { AwsQueryError, type QueryResult } from '../wire/aws-query.js';
import { assumeRole } from './assume-role.js';
import { getCallerIdentity } from './get-caller-identity.js';
import { getFederationToken } from './get-federation-token.js';
import { type StsCall } from './sts-call.js';

const STS_OPERATIONS: ReadonlyMap<string, (call: StsCall) => QueryResult> = new Map([
  ['AssumeRole', assumeRole],
  ['GetCallerIdentity', getCallerIdentity],
  ['GetFederationToken', getFederationToken],
]);

/** @throws AwsQueryError by AWS's names */
export function performSts(call: StsCall, operation: string): QueryResult {
  const perform = STS_OPERATIONS.get(operation);
  if (!perform) throw new AwsQueryError('InvalidAction', 400, `Could not find operation ${operation} for version 2011-06-15`);
  return perform(call);
}
