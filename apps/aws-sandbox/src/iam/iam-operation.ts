import { AwsQueryError, type QueryCall, type QueryOperation, type QueryResult } from '../wire/aws-query.js';
import { authorizeIdentity, requestContext } from './authorize.js';
import { refuseStrangeParameters } from './iam-parameters.js';
import { MalformedPolicy } from './malformed-policy.js';

export interface IamOperation {
  /** Besides Action and Version; a request with another one is refused. */
  readonly parameters: readonly string[];
  /** The ARN the caller's policies are asked about, whether it exists or not. */
  readonly resource: (call: QueryCall) => string;
  readonly run: (call: QueryCall) => QueryResult;
}

/** Parameters first, then permission, then the deed; so a caller without permission learns nothing of what exists. */
export const queryOperation =
  (name: string, operation: IamOperation): QueryOperation =>
  (call) => {
    refuseStrangeParameters(call.params, operation.parameters);
    authorize(`iam:${name}`, operation.resource(call), call);
    return withPolicyErrors(() => operation.run(call));
  };

function authorize(action: string, resource: string, { state, caller, ...request }: QueryCall): void {
  const decision = authorizeIdentity(state, { caller, action, resource, context: requestContext(request) });
  if (!decision.allowed) throw new AwsQueryError('AccessDenied', 403, decision.message);
}

function withPolicyErrors(run: () => QueryResult): QueryResult {
  try {
    return run();
  } catch (error) {
    if (error instanceof MalformedPolicy) throw new AwsQueryError('MalformedPolicyDocument', 400, error.message);
    throw error;
  }
}
