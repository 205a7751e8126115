import { isoSeconds } from '../clock.js';
import { assumeRoleRefusal, authorizeAssumeRole } from '../iam/authorize.js';
import { type Caller, type Credential } from '../iam/caller.js';
import { type ConditionContext, requestContext } from '../iam/condition-context.js';
import { type Role } from '../iam/iam-state.js';
import { AwsQueryError, type QueryResult } from '../wire/aws-query.js';
import { type AssumeRoleInput, readAssumeRole, validationError } from './assume-role-input.js';
import { recordAssumeRole } from './assume-role-trail.js';
import { readSessionPolicy } from './session-policy.js';
import { type StsCall } from './sts-call.js';

const CHAINED_SECONDS_MAX = 3600;
const ROLE_ARN = /^arn:aws:iam::\d{12}:role\/.+$/;

/** Opens a role session; refusals are recorded in the caller's trail alone. */
export function assumeRole(call: StsCall): QueryResult {
  const input = readAssumeRole(call.params);
  try {
    const opened = openSession(call, input);
    recordAssumeRole(call, input, { credential: opened.credential });
    return opened.result;
  } catch (error) {
    if (error instanceof AwsQueryError) recordAssumeRole(call, input, { error });
    throw error;
  }
}

function openSession(call: StsCall, input: AssumeRoleInput): { credential: Credential; result: QueryResult } {
  if (!ROLE_ARN.test(input.roleArn)) throw validationError(`${input.roleArn} is invalid`);
  const sourceIdentity = sourceIdentityOf(call.caller, input);
  const sessionPolicy = input.policy === undefined ? undefined : readSessionPolicy(input.policy);
  const role = authorizedRole(call, input, sourceIdentity);
  checkDuration(call.caller, role, input.durationSeconds);
  const credential = call.state.openSession({
    role,
    sessionName: input.roleSessionName,
    durationSeconds: input.durationSeconds,
    now: call.now,
    ...(sessionPolicy && { sessionPolicy: sessionPolicy.document }),
    ...(sourceIdentity !== undefined && { sourceIdentity }),
  });
  return { credential, result: answer(credential, sourceIdentity, sessionPolicy?.packedSize) };
}

/** It sticks through chaining and cannot be changed. */
function sourceIdentityOf(caller: Caller, { sourceIdentity, roleArn }: AssumeRoleInput): string | undefined {
  const inherited = caller.kind === 'session' ? caller.sourceIdentity : undefined;
  if (inherited === undefined || sourceIdentity === undefined || sourceIdentity === inherited) return sourceIdentity ?? inherited;
  throw accessDenied(assumeRoleRefusal(caller, roleArn, 'sts:SetSourceIdentity'));
}

function authorizedRole(call: StsCall, input: AssumeRoleInput, sourceIdentity: string | undefined): Role {
  if (call.caller.kind === 'root') throw accessDenied('Roles may not be assumed by root accounts.');
  const role = call.state.findRole(input.roleArn);
  if (!role) throw accessDenied(assumeRoleRefusal(call.caller, input.roleArn));
  const decision = authorizeAssumeRole(call.state, {
    caller: call.caller,
    role,
    context: { ...requestContext(call), ...assumeRoleContext(input, sourceIdentity) },
    alsoActions: sourceIdentity === undefined ? [] : ['sts:SetSourceIdentity'],
  });
  if (!decision.allowed) throw accessDenied(decision.message);
  return role;
}

function assumeRoleContext({ externalId, roleSessionName }: AssumeRoleInput, sourceIdentity: string | undefined): ConditionContext {
  return {
    'sts:rolesessionname': roleSessionName,
    ...(externalId !== undefined && { 'sts:externalid': externalId }),
    ...(sourceIdentity !== undefined && { 'sts:sourceidentity': sourceIdentity }),
  };
}

function checkDuration(caller: Caller, role: Role, seconds: number): void {
  if (caller.kind === 'session' && seconds > CHAINED_SECONDS_MAX) {
    throw validationError('The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.');
  }
  if (seconds > role.maxSessionDurationSeconds) {
    throw validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
}

function answer(credential: Credential, sourceIdentity: string | undefined, packedSize: number | undefined): QueryResult {
  const { accessKeyId, secretAccessKey, sessionToken, caller, expiresAt } = credential;
  return {
    SourceIdentity: sourceIdentity,
    AssumedRoleUser: { AssumedRoleId: caller.userId, Arn: caller.arn },
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
      Expiration: isoSeconds(expiresAt ?? 0),
    },
    PackedPolicySize: packedSize,
  };
}

const accessDenied = (message: string): AwsQueryError => new AwsQueryError('AccessDenied', 403, message);
