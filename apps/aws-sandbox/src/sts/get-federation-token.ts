import { isoSeconds } from '../clock.js';
import { authorizeIdentity, requestContext } from '../iam/authorize.js';
import { federatedUserArn } from '../iam/federated-session.js';
import { AwsQueryError, type QueryResult } from '../wire/aws-query.js';
import { constrained, present, readDuration, throwFaults, validationError } from './assume-role-input.js';
import { type StsCall } from './sts-call.js';

const NAME = { min: 2, max: 32, pattern: /^[\w+=,.@-]*$/ };
const DURATION_SECONDS = { min: 900, max: 129_600, unsaid: 43_200 };
const ROOT_SECONDS_MAX = 3600;
const READ: ReadonlySet<string> = new Set(['Action', 'Version', 'Name', 'DurationSeconds']);

/** A federated user's key, for a user or the root user, who picks the name. */
export function getFederationToken(call: StsCall): QueryResult {
  const { name, durationSeconds } = readInput(call.params);
  const { accountId } = call.caller;
  authorize(call, federatedUserArn({ accountId, name }));
  const seconds = call.caller.kind === 'root' ? Math.min(durationSeconds, ROOT_SECONDS_MAX) : durationSeconds;
  const { accessKeyId, secretAccessKey, sessionToken, expiresAt, caller } = call.state.openFederation({
    accountId,
    name,
    durationSeconds: seconds,
    now: call.now,
  });
  return {
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
      Expiration: isoSeconds(expiresAt ?? 0),
    },
    FederatedUser: { FederatedUserId: caller.userId, Arn: caller.arn },
  };
}

function readInput(params: URLSearchParams): { name: string; durationSeconds: number } {
  const unknown = [...params.keys()].find((name) => !READ.has(name));
  if (unknown !== undefined) throw validationError(`The sandbox does not support the parameter ${unknown} of GetFederationToken.`);
  const faults: string[] = [];
  const name = present(constrained(params, 'Name', NAME, faults), 'name', faults);
  const durationSeconds = readDuration(params, DURATION_SECONDS, faults);
  throwFaults(faults);
  return { name, durationSeconds };
}

function authorize(call: StsCall, resource: string): void {
  const { caller, state } = call;
  if (caller.kind === 'session' || caller.kind === 'federated')
    throw new AwsQueryError('AccessDenied', 403, 'Cannot call GetFederationToken with session credentials');
  const decision = authorizeIdentity(state, { caller, action: 'sts:GetFederationToken', resource, context: requestContext(call) });
  if (!decision.allowed) throw new AwsQueryError('AccessDenied', 403, decision.message);
}
