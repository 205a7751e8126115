import { flag, oneOf, type Read, text } from '../../wire/shape.js';
import { type ConditionContext } from '../../iam/condition-context.js';
import { authorizeWithoutKey, refuseLockout } from '../authorize-key.js';
import { type RegionalKey } from '../key.js';
import { newKeyId, newMaterial } from '../key-material.js';
import { keyMetadata } from '../key-metadata.js';
import { defaultKeyPolicy, parseKeyPolicy } from '../key-policy.js';
import { ALL_KEY_SPECS, KEY_USAGES } from '../key-spec.js';
import { keyIn } from '../key-store.js';
import { type KmsCall, kmsOperation } from '../kms-call.js';
import { bypassLockoutCheck, description, policy, tags } from '../request-members.js';
import { supportedSpec, supportedUsage } from '../supported-key.js';
import { requestTagContext } from '../tag-context.js';
import { readTags, trailTags } from '../tags.js';
import { camelCased } from '../../cloudtrail/camel-case.js';
import { AwsJsonError } from '../../wire/aws-json.js';

const shape = {
  Policy: policy,
  Description: description,
  KeyUsage: oneOf(KEY_USAGES),
  CustomerMasterKeySpec: oneOf(ALL_KEY_SPECS),
  KeySpec: oneOf(ALL_KEY_SPECS),
  Origin: oneOf(['AWS_KMS', 'EXTERNAL', 'AWS_CLOUDHSM', 'EXTERNAL_KEY_STORE']),
  CustomKeyStoreId: text({ min: 1, max: 64 }),
  XksKeyId: text({ min: 1, max: 128 }),
  BypassPolicyLockoutSafetyCheck: bypassLockoutCheck,
  Tags: tags,
  MultiRegion: flag(),
};

export const createKey = kmsOperation({
  shape,
  readOnly: false,
  trailRequest: (input) => ({
    ...(input.Policy !== undefined && { policy: input.Policy }),
    description: input.Description ?? '',
    keySpec: input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT',
    keyUsage: input.KeyUsage ?? 'ENCRYPT_DECRYPT',
    multiRegion: input.MultiRegion ?? false,
    origin: input.Origin ?? 'AWS_KMS',
    bypassPolicyLockoutSafetyCheck: input.BypassPolicyLockoutSafetyCheck ?? false,
    ...(input.Tags && { tags: trailTags(input.Tags) }),
  }),
  trailResponse: (answer) => camelCased({ keyMetadata: answer.KeyMetadata }),
  async run(call, input) {
    authorizeCreation(call, input);
    refuseForeignOrigin(input.Origin, input.CustomKeyStoreId ?? input.XksKeyId);
    const spec = supportedSpec(input.KeySpec, input.CustomerMasterKeySpec);
    const usage = supportedUsage(spec, input.KeyUsage);
    const { accountId } = call.caller;
    const own: RegionalKey = {
      region: call.region,
      createdAt: call.now,
      description: input.Description ?? '',
      policy: parseKeyPolicy(call.world.iam, input.Policy ?? defaultKeyPolicy(accountId)),
      tags: readTags(input.Tags),
      standing: 'Enabled',
    };
    const multiRegion = input.MultiRegion ?? false;
    const material = await newMaterial(call.world.pool, spec);
    const shared = { accountId, keyId: newKeyId(multiRegion), spec, usage, multiRegion, primaryRegion: call.region, material };
    const key = keyIn({ ...shared, regional: new Map([[call.region, own]]) }, own);
    if (input.Policy !== undefined && !input.BypassPolicyLockoutSafetyCheck) refuseLockout(call, key, own.policy);
    call.world.keys.add(key.family);
    call.resolved.push(key);
    return { KeyMetadata: keyMetadata(key, call.now) };
  },
});

function authorizeCreation(call: KmsCall, input: Read<typeof shape>): void {
  const tagging = requestTagContext(input.Tags);
  authorizeWithoutKey(call, 'CreateKey', '*', { ...wantedKeyContext(input), ...tagging });
  if (input.Tags) authorizeWithoutKey(call, 'TagResource', '*', tagging);
}

/** There is no key yet: its condition keys come from the request. */
const wantedKeyContext = (input: Read<typeof shape>): ConditionContext => ({
  'kms:keyspec': input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT',
  'kms:keyusage': input.KeyUsage ?? 'ENCRYPT_DECRYPT',
  'kms:keyorigin': input.Origin ?? 'AWS_KMS',
  'kms:multiregion': String(input.MultiRegion ?? false),
  ...(input.MultiRegion && { 'kms:multiregionkeytype': 'PRIMARY' }),
});

function refuseForeignOrigin(origin: string | undefined, store: string | undefined): void {
  if ((origin ?? 'AWS_KMS') === 'AWS_KMS' && store === undefined) return;
  throw new AwsJsonError('UnsupportedOperationException', 'The sandbox makes keys of Origin AWS_KMS only, outside of custom key stores.');
}
