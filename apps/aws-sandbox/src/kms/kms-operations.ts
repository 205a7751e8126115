import { type KmsOperation } from './kms-call.js';
import { createKey } from './operations/create-key.js';
import { decrypt } from './operations/decrypt.js';
import { describeKey } from './operations/describe-key.js';
import { encrypt } from './operations/encrypt.js';
import { getPublicKey } from './operations/get-public-key.js';
import { replicateKey } from './operations/replicate-key.js';

/** What the sandbox's KMS can do. */
export const KMS_OPERATIONS: ReadonlyMap<string, KmsOperation> = new Map(
  Object.entries({
    CreateKey: createKey,
    Decrypt: decrypt,
    DescribeKey: describeKey,
    Encrypt: encrypt,
    GetPublicKey: getPublicKey,
    ReplicateKey: replicateKey,
  }),
);
