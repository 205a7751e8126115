import { renderPolicy } from '../../iam/policy-document.js';
import { AwsJsonError } from '../../wire/aws-json.js';
import { required, text } from '../../wire/shape.js';
import { refuseLockout } from '../authorize-key.js';
import { parseKeyPolicy } from '../key-policy.js';
import { kmsOperation } from '../kms-call.js';
import { bypassLockoutCheck, policy, requiredKeyId } from '../request-members.js';
import { resolveKey } from '../resolve-key.js';
import { trailKeyId } from '../trail-key-id.js';

const POLICY_NAME = 'default';
const policyName = text({ min: 1, max: 128, pattern: /^\w+$/ });

export const getKeyPolicy = kmsOperation({
  shape: { KeyId: requiredKeyId, PolicyName: policyName },
  readOnly: true,
  trailRequest: ({ KeyId, PolicyName }) => ({ keyId: KeyId, policyName: PolicyName ?? POLICY_NAME }),
  run(call, { KeyId, PolicyName }) {
    const key = resolveKey(call, KeyId, { aliases: 'no' });
    refuseOtherPolicy(PolicyName);
    return { Policy: renderPolicy(key.own.policy, call.world.iam), PolicyName: POLICY_NAME };
  },
});

const putShape = {
  KeyId: requiredKeyId,
  PolicyName: policyName,
  Policy: required(policy),
  BypassPolicyLockoutSafetyCheck: bypassLockoutCheck,
};

/** Works in every state of the key. */
export const putKeyPolicy = kmsOperation({
  shape: putShape,
  readOnly: false,
  trailRequest: (input) => ({
    keyId: input.KeyId,
    policyName: input.PolicyName ?? POLICY_NAME,
    policy: input.Policy,
    bypassPolicyLockoutSafetyCheck: input.BypassPolicyLockoutSafetyCheck ?? false,
  }),
  trailResponse: trailKeyId,
  run(call, input) {
    const key = resolveKey(call, input.KeyId, { aliases: 'no' });
    refuseOtherPolicy(input.PolicyName);
    const parsed = parseKeyPolicy(call.world.iam, input.Policy);
    if (!input.BypassPolicyLockoutSafetyCheck) refuseLockout(call, key, parsed);
    key.own.policy = parsed;
    return {};
  },
});

function refuseOtherPolicy(name: string | undefined): void {
  if (name !== undefined && name !== POLICY_NAME) throw new AwsJsonError('NotFoundException', `No such policy exists`);
}
