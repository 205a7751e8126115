import { type QueryResult } from '../wire/aws-query.js';
import { type StsCall } from './sts-call.js';

/** Needs no permission, and no policy can take it away. */
export const getCallerIdentity = ({ caller }: StsCall): QueryResult => ({
  Arn: caller.arn,
  UserId: caller.userId,
  Account: caller.accountId,
});
