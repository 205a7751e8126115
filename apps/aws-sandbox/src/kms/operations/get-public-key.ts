import { AwsJsonError } from '../../wire/aws-json.js';
import { algorithmMembers } from '../key-metadata.js';
import { checkState } from '../key-state-rules.js';
import { kmsOperation } from '../kms-call.js';
import { grantTokens, refuseGrantTokens, requiredKeyId } from '../request-members.js';
import { resolveKey } from '../resolve-key.js';

export const getPublicKey = kmsOperation({
  shape: { KeyId: requiredKeyId, GrantTokens: grantTokens },
  readOnly: true,
  trailRequest: ({ KeyId }) => ({ keyId: KeyId }),
  run(call, { KeyId, GrantTokens }) {
    refuseGrantTokens(GrantTokens);
    const key = resolveKey(call, KeyId, { crossAccount: true });
    checkState(key, 'publicKey', call.now);
    const { spec, usage, material } = key.family;
    if (material.kind !== 'rsa') throw new AwsJsonError('UnsupportedOperationException');
    return {
      KeyId: key.arn,
      PublicKey: material.publicKey,
      CustomerMasterKeySpec: spec,
      KeySpec: spec,
      KeyUsage: usage,
      ...algorithmMembers(spec, usage),
    };
  },
});
