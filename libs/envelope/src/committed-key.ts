import { hash, timingSafeEqual } from 'node:crypto';
import { EnvelopeError } from './envelope-error.js';
import { hkdfSha256 } from './hkdf-sha-256.js';
import { KEY_BYTES, type KeyBytes } from './key-bytes.js';

export const SALT_BYTES = 32;
export const COMMITMENT_BYTES = 32;

/** What a data key is derived for. Labels differ in length, so that no info of one purpose equals one of the other. */
export type DerivationLabel = 'keyhold/item/1' | 'keyhold/token/1';

/** `key` and `commitment` are views of one buffer, which `erase()` fills with zeros: copy the commitment to keep it. */
export interface CommittedKey {
  key: Buffer;
  commitment: Buffer;
  erase(): void;
}

/**
 * HKDF-SHA-256 over the data key, 64 bytes: a key for one use, and a commitment to it. AES-GCM alone lets one ciphertext open
 * under two keys; a stored commitment that is compared before decryption does not.
 */
export function deriveCommittedKey(dataKey: KeyBytes, salt: Uint8Array, label: DerivationLabel, binding: string): CommittedKey {
  const info = Buffer.concat([Buffer.from(label), hash('sha256', binding, 'buffer')]);
  const okm = hkdfSha256(dataKey.expose(), salt, info, KEY_BYTES + COMMITMENT_BYTES);
  return { key: okm.subarray(0, KEY_BYTES), commitment: okm.subarray(KEY_BYTES), erase: () => okm.fill(0) };
}

/** Derives again and compares the commitment in constant time. Throws `not_intact`. */
export function reopenCommittedKey(
  dataKey: KeyBytes,
  salt: Uint8Array,
  label: DerivationLabel,
  binding: string,
  commitment: Uint8Array,
): CommittedKey {
  if (salt.length !== SALT_BYTES || commitment.length !== COMMITMENT_BYTES) throw new EnvelopeError('not_intact');
  const derived = deriveCommittedKey(dataKey, salt, label, binding);
  if (timingSafeEqual(derived.commitment, commitment)) return derived;
  derived.erase();
  throw new EnvelopeError('not_intact');
}
