import { type KmsOperation } from './kms-call.js';
import { createAlias, deleteAlias, listAliases } from './operations/alias-operations.js';
import { cancelKeyDeletion } from './operations/cancel-key-deletion.js';
import { createKey } from './operations/create-key.js';
import { decrypt } from './operations/decrypt.js';
import { describeKey } from './operations/describe-key.js';
import { encrypt } from './operations/encrypt.js';
import { getPublicKey } from './operations/get-public-key.js';
import { getKeyPolicy, putKeyPolicy } from './operations/key-policy-operations.js';
import { listKeys } from './operations/list-keys.js';
import { replicateKey } from './operations/replicate-key.js';
import { scheduleKeyDeletion } from './operations/schedule-key-deletion.js';
import { listResourceTags, tagResource, untagResource } from './operations/tag-operations.js';
import { disableKey, enableKey } from './operations/toggle-key.js';
import { updatePrimaryRegion } from './operations/update-primary-region.js';

/** What the sandbox's KMS can do. */
export const KMS_OPERATIONS: ReadonlyMap<string, KmsOperation> = new Map(
  Object.entries({
    CancelKeyDeletion: cancelKeyDeletion,
    CreateAlias: createAlias,
    CreateKey: createKey,
    Decrypt: decrypt,
    DeleteAlias: deleteAlias,
    DescribeKey: describeKey,
    DisableKey: disableKey,
    EnableKey: enableKey,
    Encrypt: encrypt,
    GetKeyPolicy: getKeyPolicy,
    GetPublicKey: getPublicKey,
    ListAliases: listAliases,
    ListKeys: listKeys,
    ListResourceTags: listResourceTags,
    PutKeyPolicy: putKeyPolicy,
    ReplicateKey: replicateKey,
    ScheduleKeyDeletion: scheduleKeyDeletion,
    TagResource: tagResource,
    UntagResource: untagResource,
    UpdatePrimaryRegion: updatePrimaryRegion,
  }),
);
