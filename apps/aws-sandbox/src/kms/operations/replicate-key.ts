import { camelCased } from '../../cloudtrail/camel-case.js';
import { type ConditionContext } from '../../iam/condition-context.js';
import { renderPolicy } from '../../iam/policy-document.js';
import { isRegion } from '../../regions.js';
import { AwsJsonError } from '../../wire/aws-json.js';
import { required, text, validation } from '../../wire/shape.js';
import { authorizeWithoutKey, refuseLockout } from '../authorize-key.js';
import { type Key, type RegionalKey } from '../key.js';
import { keyMetadata } from '../key-metadata.js';
import { defaultKeyPolicy, parseKeyPolicy } from '../key-policy.js';
import { keyIn } from '../key-store.js';
import { checkState } from '../key-state-rules.js';
import { type KmsCall, kmsOperation } from '../kms-call.js';
import { bypassLockoutCheck, description, policy, requiredKeyId, tags } from '../request-members.js';
import { resolveKey } from '../resolve-key.js';
import { requestTagContext } from '../tag-context.js';
import { readTags, tagList, trailTags } from '../tags.js';

const shape = {
  KeyId: requiredKeyId,
  ReplicaRegion: required(text({ min: 1, max: 32, pattern: /^([a-z]+-){2,3}\d+$/ })),
  Policy: policy,
  BypassPolicyLockoutSafetyCheck: bypassLockoutCheck,
  Description: description,
  Tags: tags,
};

export const replicateKey = kmsOperation({
  shape,
  readOnly: false,
  trailRequest: (input) => ({
    keyId: input.KeyId,
    replicaRegion: input.ReplicaRegion,
    bypassPolicyLockoutSafetyCheck: input.BypassPolicyLockoutSafetyCheck ?? false,
    description: input.Description ?? '',
    ...(input.Policy !== undefined && { policy: input.Policy }),
    ...(input.Tags && { tags: trailTags(input.Tags) }),
  }),
  trailResponse: (answer) => camelCased(answer),
  run(call, input) {
    const primary = resolveKey(call, input.KeyId, { aliases: 'refused', facts: { 'kms:replicaregion': input.ReplicaRegion } });
    authorizeReplica(call, primary, input);
    checkReplicable(call, primary, input.ReplicaRegion);
    const own = newReplica(call, primary, input);
    const replica = keyIn(primary.family, own);
    if (input.Policy !== undefined && !input.BypassPolicyLockoutSafetyCheck) refuseLockout(call, replica, own.policy);
    primary.family.regional.set(own.region, own);
    call.resolved.push(replica);
    return {
      ReplicaKeyMetadata: { ...keyMetadata(replica, call.now), KeyState: 'Creating', Enabled: false },
      ReplicaPolicy: renderPolicy(own.policy, call.world.iam),
      ReplicaTags: tagList(own.tags),
    };
  },
});

/** What it takes to make such a key in the replica's Region. */
function authorizeReplica(call: KmsCall, { family }: Key, { ReplicaRegion: region, Tags }: ReplicaInput): void {
  const tagging = requestTagContext(Tags);
  const wanted: ConditionContext = {
    'kms:keyspec': family.spec,
    'kms:keyusage': family.usage,
    'kms:keyorigin': 'AWS_KMS',
    'kms:multiregion': 'true',
    'kms:multiregionkeytype': 'REPLICA',
  };
  authorizeWithoutKey({ ...call, region }, 'CreateKey', '*', { ...wanted, ...tagging });
  if (Tags) authorizeWithoutKey({ ...call, region }, 'TagResource', '*', tagging);
}

function checkReplicable(call: KmsCall, primary: Key, region: string): void {
  const { family } = primary;
  if (!family.multiRegion || family.primaryRegion !== call.region) {
    throw new AwsJsonError('UnsupportedOperationException', `${primary.arn} is not a multi-region primary key.`);
  }
  checkState(primary, 'replicate', call.now);
  if (!isRegion(region)) throw validation(`${region} is not a Region of this partition.`);
  if (region === family.primaryRegion) throw validation(`${region} cannot have a replica because it contains the primary.`);
  if (call.world.keys.find(family.accountId, region, family.keyId)) {
    throw new AwsJsonError('AlreadyExistsException', 'You can create only one replica of each primary key in each AWS Region.');
  }
}

interface ReplicaInput {
  ReplicaRegion: string;
  Policy?: string | undefined;
  Description?: string | undefined;
  Tags?: Parameters<typeof readTags>[0];
}

/** Nothing of the primary's own is copied: description, tags and policy are the request's or the default. */
function newReplica(call: KmsCall, { family }: Key, input: ReplicaInput): RegionalKey {
  return {
    region: input.ReplicaRegion,
    createdAt: call.now,
    description: input.Description ?? '',
    policy: parseKeyPolicy(call.world.iam, input.Policy ?? defaultKeyPolicy(family.accountId)),
    tags: readTags(input.Tags),
    standing: 'Enabled',
    creatingUntil: call.now + call.world.clock.transitionSeconds * 1000,
  };
}
