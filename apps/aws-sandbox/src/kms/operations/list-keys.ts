import { authorizeWithoutKey } from '../authorize-key.js';
import { kmsOperation } from '../kms-call.js';
import { pageOf } from '../page.js';
import { marker, pageLimit } from '../request-members.js';

const LIMIT_UNSAID = 100;

export const listKeys = kmsOperation({
  shape: { Limit: pageLimit, Marker: marker },
  readOnly: true,
  trailRequest: ({ Limit }) => (Limit === undefined ? null : { limit: Limit }),
  run(call, { Limit = LIMIT_UNSAID, Marker }) {
    authorizeWithoutKey(call, 'ListKeys', '*');
    const keys = call.world.keys.list(call.caller.accountId, call.region);
    const { items, nextMarker } = pageOf(keys, (key) => key.family.keyId, Limit, Marker);
    return {
      Keys: items.map((key) => ({ KeyId: key.family.keyId, KeyArn: key.arn })),
      Truncated: nextMarker !== undefined,
      ...(nextMarker !== undefined && { NextMarker: nextMarker }),
    };
  },
});
