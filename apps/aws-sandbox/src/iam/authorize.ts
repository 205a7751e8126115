import { type Caller } from './caller.js';
import { callerContext, type ConditionContext } from './condition-context.js';
import { type IamState, type Role } from './iam-state.js';
import { type PolicyDocument } from './policy-document.js';
import { evaluatePolicies, evaluateResourcePolicy, type PolicyRequest, type ResourceVerdict, type Verdict } from './policy-evaluation.js';

export { type ConditionContext, requestContext } from './condition-context.js';

/** `message` is the full text of the refusal. */
export type Decision = { allowed: true } | { allowed: false; message: string };

interface Ask extends PolicyRequest {
  caller: Caller;
}

export interface KmsAsk {
  caller: Caller;
  /** `kms:Decrypt` */
  action: string;
  keyArn: string;
  keyAccountId: string;
  keyPolicy: PolicyDocument;
  /** Of the request and the key; what follows from the caller is added here. */
  context: ConditionContext;
}

export interface AssumeRoleAsk {
  caller: Caller;
  role: Role;
  context: ConditionContext;
  /** Each has to be allowed as sts:AssumeRole itself has: `sts:TagSession`, `sts:SetSourceIdentity`. */
  alsoActions?: readonly string[];
}

/** A call on a key that exists in the key policy's Region. */
export function authorizeKms(state: IamState, { caller, action, keyArn, keyAccountId, keyPolicy, context }: KmsAsk): Decision {
  const ask: Ask = { caller, action, resource: keyArn, context: { ...contextOf(caller, context), 'kms:calleraccount': caller.accountId } };
  const verdict = evaluateResourcePolicy(keyPolicy, caller, ask);
  if (caller.accountId === keyAccountId) return decideInAccount(state, ask, verdict);
  if (verdict === 'deny' || verdict === undefined) return refused(foreignKeyRefusal(caller, action));
  return decideByIdentity(state, ask);
}

/** Also the answer for a key that does not exist, to a caller of another account. */
export const foreignKeyRefusal = (caller: Caller, action: string): string =>
  `User: ${caller.arn} is not authorized to perform: ${action} on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`;

function decideInAccount(state: IamState, ask: Ask, verdict: ResourceVerdict): Decision {
  const denied = explicitDeny(state, ask, verdict);
  if (denied !== undefined) return refused(denied);
  switch (verdict) {
    case undefined:
    case 'deny':
      return refused(nothingAllows(ask, 'resource-based'));
    case 'session':
      return ALLOWED;
    case 'identity':
      return sessionVerdict(ask) === 'allow' ? ALLOWED : refused(nothingAllows(ask, 'session'));
    case 'account':
      return decideByIdentity(state, ask);
  }
}

/** What the caller's own policies say, with nothing of the resource: iam:*, kms:CreateKey, cloudtrail:LookupEvents. */
export function authorizeIdentity(state: IamState, { caller, action, resource, context }: Ask): Decision {
  return decideByIdentity(state, { caller, action, resource, context: contextOf(caller, context) });
}

function decideByIdentity(state: IamState, ask: Ask): Decision {
  const denied = explicitDeny(state, ask, undefined);
  if (denied !== undefined) return refused(denied);
  if (identityVerdict(state, ask) !== 'allow') return refused(nothingAllows(ask, 'identity-based'));
  return sessionVerdict(ask) === 'allow' ? ALLOWED : refused(nothingAllows(ask, 'session'));
}

/** The trust policy has to allow, and unless it names a caller of its own account, the caller's policies too. */
export function authorizeAssumeRole(state: IamState, { caller, role, context, alsoActions = [] }: AssumeRoleAsk): Decision {
  if (caller.kind === 'root') return refused('Roles may not be assumed by root accounts.');
  const actions = ['sts:AssumeRole', ...alsoActions];
  const asks = actions.map((action) => ({ caller, action, resource: role.arn, context: contextOf(caller, context) }));
  const failed = asks.find((ask) => !mayAssume(state, role, ask));
  return failed === undefined ? ALLOWED : refused(assumeRoleRefusal(caller, role.arn, failed.action));
}

/** One text whatever the cause, a role that does not exist included: the caller learns nothing of another account. */
export const assumeRoleRefusal = (caller: Caller, roleArn: string, action = 'sts:AssumeRole'): string =>
  `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${roleArn}`;

function mayAssume(state: IamState, role: Role, ask: Ask): boolean {
  const verdict = evaluateResourcePolicy(role.trustPolicy, ask.caller, ask);
  if (verdict === undefined) return false;
  if (ask.caller.accountId === role.accountId) return decideInAccount(state, ask, verdict).allowed;
  return verdict !== 'deny' && decideByIdentity(state, ask).allowed;
}

/** Whether whoever saves this key policy could change it afterwards; the policy alone is asked. */
export function keepsControl({ caller, keyArn, keyPolicy, context }: Omit<KmsAsk, 'action' | 'keyAccountId'>): boolean {
  const request = { action: 'kms:PutKeyPolicy', resource: keyArn, context: contextOf(caller, context) };
  const verdict = evaluateResourcePolicy(keyPolicy, caller, request);
  return verdict !== undefined && verdict !== 'deny';
}

const contextOf = (caller: Caller, context: ConditionContext): ConditionContext => ({ ...context, ...callerContext(caller) });

/** The root user has no policies and needs none; a role or user that was deleted has none and is allowed nothing. */
function identityVerdict(state: IamState, ask: Ask): Verdict {
  return ask.caller.kind === 'root' ? 'allow' : evaluatePolicies(state.identityPolicies(ask.caller), ask);
}

/** A federated user has what its session policy gives; the sandbox gives none. */
function sessionVerdict(ask: Ask): Verdict {
  if (ask.caller.kind === 'federated') return 'silent';
  const policy = ask.caller.kind === 'session' ? ask.caller.sessionPolicy : undefined;
  return policy === undefined ? 'allow' : evaluatePolicies([policy], ask);
}

function explicitDeny(state: IamState, ask: Ask, verdict: ResourceVerdict): string | undefined {
  if (identityVerdict(state, ask) === 'deny') return withExplicitDeny(ask, 'an identity-based policy');
  if (sessionVerdict(ask) === 'deny') return withExplicitDeny(ask, 'a session policy');
  return verdict === 'deny' ? withExplicitDeny(ask, 'a resource-based policy') : undefined;
}

const ALLOWED: Decision = { allowed: true };
const refused = (message: string): Decision => ({ allowed: false, message });

const notAuthorized = ({ caller, action, resource }: Ask): string =>
  `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource}`;
const withExplicitDeny = (ask: Ask, where: string): string => `${notAuthorized(ask)} with an explicit deny in ${where}`;
const nothingAllows = (ask: Ask, kind: string): string => `${notAuthorized(ask)} because no ${kind} policy allows the ${ask.action} action`;
