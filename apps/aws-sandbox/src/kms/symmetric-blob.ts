import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/*
 * A symmetric ciphertext names its key, so that Decrypt needs no KeyId:
 *   version (1) | length of the key reference (1) | key reference "account/key id" | IV (12) | ciphertext | tag (16)
 * Everything before the IV and the encryption context are authenticated.
 */
const VERSION = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';

export type EncryptionContext = Readonly<Record<string, string>>;

export interface KeyReference {
  accountId: string;
  keyId: string;
}

export function sealBlob(secret: Buffer, reference: KeyReference, context: EncryptionContext, plaintext: Buffer): Buffer {
  const head = headOf(reference);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, secret, iv).setAAD(associatedData(head, context));
  return Buffer.concat([head, iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** @returns undefined when these bytes are no blob of a symmetric key */
export function blobReference(blob: Buffer): KeyReference | undefined {
  const length = blob[1] ?? 0;
  if (blob[0] !== VERSION || blob.length < 2 + length + IV_BYTES + TAG_BYTES) return undefined;
  const [accountId, keyId, ...more] = blob.toString('utf8', 2, 2 + length).split('/');
  return accountId && keyId && more.length === 0 ? { accountId, keyId } : undefined;
}

/** @returns undefined when it was damaged, or sealed under another key or context */
export function openBlob(secret: Buffer, context: EncryptionContext, blob: Buffer): Buffer | undefined {
  const headBytes = 2 + (blob[1] ?? 0);
  const [head, iv] = [blob.subarray(0, headBytes), blob.subarray(headBytes, headBytes + IV_BYTES)];
  const decipher = createDecipheriv(CIPHER, secret, iv, { authTagLength: TAG_BYTES }).setAAD(associatedData(head, context));
  decipher.setAuthTag(blob.subarray(-TAG_BYTES));
  const opened = decipher.update(blob.subarray(headBytes + IV_BYTES, -TAG_BYTES));
  try {
    return Buffer.concat([opened, decipher.final()]);
  } catch {
    return undefined; // final() throws for no other reason than the tag
  }
}

function headOf({ accountId, keyId }: KeyReference): Buffer {
  const reference = Buffer.from(`${accountId}/${keyId}`);
  return Buffer.concat([Buffer.from([VERSION, reference.length]), reference]);
}

/** Order of the context's members does not matter to AWS. */
function associatedData(head: Buffer, context: EncryptionContext): Buffer {
  const sorted = Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.concat([head, Buffer.from(JSON.stringify(sorted))]);
}
