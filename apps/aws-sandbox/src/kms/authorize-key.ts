import { authorizeIdentity, authorizeKms, foreignKeyRefusal, keepsControl } from '../iam/authorize.js';
import { type ConditionContext, requestContext } from '../iam/condition-context.js';
import { type PolicyDocument } from '../iam/policy-document.js';
import { AwsJsonError } from '../wire/aws-json.js';
import { type Key, multiRegionKeyType } from './key.js';
import { type KmsCall } from './kms-call.js';
import { resourceTagContext } from './tag-context.js';

/** @throws AwsJsonError AccessDeniedException telling which policy decided */
export function authorizeKey(call: KmsCall, key: Key, action: string, facts: ConditionContext = {}): void {
  const decision = authorizeKms(call.world.iam, {
    caller: call.caller,
    action: `kms:${action}`,
    keyArn: key.arn,
    keyAccountId: key.family.accountId,
    keyPolicy: key.own.policy,
    context: { ...requestContext(call), ...keyContext(call, key), ...facts },
  });
  if (!decision.allowed) throw accessDenied(decision.message);
}

/** @throws AwsJsonError MalformedPolicyDocumentException when the caller could not change this policy any more */
export function refuseLockout(call: KmsCall, key: Key, keyPolicy: PolicyDocument): void {
  const context = { ...requestContext(call), ...keyContext(call, key) };
  if (keepsControl({ caller: call.caller, keyArn: key.arn, keyPolicy, context })) return;
  throw new AwsJsonError(
    'MalformedPolicyDocumentException',
    'The new key policy will not allow you to update the key policy in the future.',
  );
}

/** For what no key policy governs: creating and listing keys, aliases. */
export function authorizeWithoutKey(call: KmsCall, action: string, resource: string, facts: ConditionContext = {}): void {
  const decision = decideWithoutKey(call, action, resource, facts);
  if (!decision.allowed) throw accessDenied(decision.message);
}

export function decideWithoutKey(call: KmsCall, action: string, resource: string, facts: ConditionContext = {}) {
  const context = { ...requestContext(call), ...facts };
  return authorizeIdentity(call.world.iam, { caller: call.caller, action: `kms:${action}`, resource, context });
}

export const accessDenied = (message: string): AwsJsonError => new AwsJsonError('AccessDeniedException', message);

/** What AWS says whenever it does not want to tell a stranger whether a key exists. */
export const deniedToStranger = (call: KmsCall, action: string): AwsJsonError =>
  accessDenied(foreignKeyRefusal(call.caller, `kms:${action}`));

function keyContext({ world }: KmsCall, key: Key): ConditionContext {
  const { family, own } = key;
  const aliases = world.keys.listAliases(family.accountId, own.region).filter((alias) => alias.keyId === family.keyId);
  return {
    'kms:keyspec': family.spec,
    'kms:keyusage': family.usage,
    'kms:keyorigin': 'AWS_KMS',
    'kms:multiregion': String(family.multiRegion),
    ...(family.multiRegion && { 'kms:multiregionkeytype': multiRegionKeyType(key) }),
    ...resourceTagContext(own.tags),
    ...(aliases.length > 0 && { 'kms:resourcealiases': aliases.map((alias) => alias.name) }),
  };
}
