import { camelCased } from '../../cloudtrail/camel-case.js';
import { checkState } from '../key-state-rules.js';
import { kmsOperation } from '../kms-call.js';
import { requiredKeyId } from '../request-members.js';
import { resolveKey } from '../resolve-key.js';

/** The key comes back disabled. */
export const cancelKeyDeletion = kmsOperation({
  shape: { KeyId: requiredKeyId },
  readOnly: false,
  trailRequest: ({ KeyId }) => ({ keyId: KeyId }),
  trailResponse: camelCased,
  run(call, { KeyId }) {
    const key = resolveKey(call, KeyId, { aliases: 'no' });
    checkState(key, 'cancelDeletion', call.now);
    key.own.standing = 'Disabled';
    delete key.own.deletesAt;
    delete key.own.pendingWindowDays;
    return { KeyId: key.arn };
  },
});
