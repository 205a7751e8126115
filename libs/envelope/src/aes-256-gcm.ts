import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';
import { EnvelopeError } from './envelope-error.js';
import { KEY_BYTES } from './key-bytes.js';

export const IV_BYTES = 12;
export const TAG_BYTES = 16;
/** Spelled out: without it Node accepts tags down to 4 bytes. */
const OPTIONS = { authTagLength: TAG_BYTES };

export interface Encrypted {
  ciphertext: Buffer;
  tag: Buffer;
}

/**
 * The only place that calls the cipher. Not for callers outside this lib: they can pass neither IV nor raw key.
 *
 * `createSecretKey` is for speed: given raw bytes, Node first fails to read them as a KeyObject, which costs more than the cipher.
 */
export function encryptGcm(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Encrypted {
  if (key.length !== KEY_BYTES || iv.length !== IV_BYTES) throw new RangeError('AES-256-GCM takes a 256-bit key and a 96-bit IV');
  const cipher = createCipheriv('aes-256-gcm', createSecretKey(key), iv, OPTIONS).setAAD(aad);
  const ciphertext = cipher.update(plaintext);
  cipher.final(); // a stream mode: empty
  return { ciphertext, tag: cipher.getAuthTag() };
}

/** The plaintext, released only after the tag was verified. Every failure, unusual lengths included, is `not_intact`. */
export function decryptGcm(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, { ciphertext, tag }: Encrypted): Buffer {
  if (key.length !== KEY_BYTES || iv.length !== IV_BYTES || tag.length !== TAG_BYTES) throw new EnvelopeError('not_intact');
  const decipher = createDecipheriv('aes-256-gcm', createSecretKey(key), iv, OPTIONS).setAAD(aad).setAuthTag(tag);
  const plaintext = decipher.update(ciphertext);
  try {
    decipher.final();
    return plaintext;
  } catch {
    plaintext.fill(0);
    throw new EnvelopeError('not_intact');
  }
}
