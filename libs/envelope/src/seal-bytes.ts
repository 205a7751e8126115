import { randomBytes } from 'node:crypto';
import { decryptGcm, encryptGcm, IV_BYTES, TAG_BYTES } from './aes-256-gcm.js';
import { EnvelopeError } from './envelope-error.js';
import type { KeyBytes } from './key-bytes.js';

const VERSION = 1;
const OVERHEAD_BYTES = 1 + IV_BYTES + TAG_BYTES;

/**
 * version byte ‖ IV ‖ ciphertext ‖ tag, under AES-256-GCM with a random IV. Version byte and `aad` are authenticated, so the
 * same `aad` must be given to open it. One key may seal at most 2^32 times.
 */
export function sealBytes(key: KeyBytes, plaintext: Uint8Array, aad: Uint8Array): Buffer {
  const iv = randomBytes(IV_BYTES);
  const { ciphertext, tag } = encryptGcm(key.expose(), iv, versioned(aad), plaintext);
  return Buffer.concat([Buffer.of(VERSION), iv, ciphertext, tag]);
}

/** The plaintext, which belongs to the caller. Throws `not_intact`. */
export function openBytes(key: KeyBytes, sealed: Uint8Array, aad: Uint8Array): Buffer {
  if (sealed.length < OVERHEAD_BYTES || sealed[0] !== VERSION) throw new EnvelopeError('not_intact');
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  const ciphertext = bytes.subarray(1 + IV_BYTES, -TAG_BYTES);
  return decryptGcm(key.expose(), bytes.subarray(1, 1 + IV_BYTES), versioned(aad), { ciphertext, tag: bytes.subarray(-TAG_BYTES) });
}

function versioned(aad: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(VERSION), aad]);
}
