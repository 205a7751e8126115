import { checkState } from '../key-state-rules.js';
import { kmsOperation } from '../kms-call.js';
import { requiredKeyId } from '../request-members.js';
import { resolveKey } from '../resolve-key.js';
import { trailKeyId } from '../trail-key-id.js';

/** EnableKey and DisableKey: already being so is no error. */
const toggle = (standing: 'Enabled' | 'Disabled') =>
  kmsOperation({
    shape: { KeyId: requiredKeyId },
    readOnly: false,
    trailRequest: ({ KeyId }) => ({ keyId: KeyId }),
    trailResponse: trailKeyId,
    run(call, { KeyId }) {
      const key = resolveKey(call, KeyId, { aliases: 'no' });
      checkState(key, 'toggle', call.now);
      key.own.standing = standing;
      return {};
    },
  });

export const enableKey = toggle('Enabled');
export const disableKey = toggle('Disabled');
