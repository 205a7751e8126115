import { keyMetadata } from '../key-metadata.js';
import { kmsOperation } from '../kms-call.js';
import { grantTokens, refuseGrantTokens, requiredKeyId } from '../request-members.js';
import { resolveKey } from '../resolve-key.js';

export const describeKey = kmsOperation({
  shape: { KeyId: requiredKeyId, GrantTokens: grantTokens },
  readOnly: true,
  trailRequest: ({ KeyId }) => ({ keyId: KeyId }),
  run(call, { KeyId, GrantTokens }) {
    refuseGrantTokens(GrantTokens);
    return { KeyMetadata: keyMetadata(resolveKey(call, KeyId, { crossAccount: true }), call.now) };
  },
});
