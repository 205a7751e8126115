import { decryptGcm, encryptGcm } from './aes-256-gcm.js';
import { type CommittedKey, deriveCommittedKey, reopenCommittedKey } from './committed-key.js';
import { EnvelopeError } from './envelope-error.js';
import { encodeItemBinding, type ItemBinding } from './item-binding.js';
import type { KeyBytes } from './key-bytes.js';
import { additionalData, encodeHeader } from './protected-header.js';
import { randomSaltAndIv } from './random-salt-and-iv.js';

export const ITEM_PLAINTEXT_BYTES_MAX = 1_048_576;
const LABEL = 'keyhold/item/1';

/** What is stored of a sealed item version; the binding is not. */
export interface SealedItem {
  /** 32 random bytes of this version, for the derivation of its key. */
  salt: Buffer;
  /** 12 bytes. */
  iv: Buffer;
  /** As long as the plaintext. */
  ciphertext: Buffer;
  /** 16 bytes. */
  tag: Buffer;
  /** 32 bytes that fix the one key under which the ciphertext opens. */
  commitment: Buffer;
}

/**
 * Seals 0 bytes to 1 MiB under a key of their own, derived from the data key for this binding. Who has neither this data key
 * nor this very binding can neither read nor change the result. Throws `payload_too_large` and `bad_binding`.
 */
export function sealItem(plaintext: Uint8Array, dataKey: KeyBytes, binding: ItemBinding): SealedItem {
  if (plaintext.length > ITEM_PLAINTEXT_BYTES_MAX) throw new EnvelopeError('payload_too_large');
  const header = encodeItemBinding(binding);
  const { salt, iv } = randomSaltAndIv();
  const itemKey = deriveCommittedKey(dataKey, salt, LABEL, header);
  try {
    const encrypted = encryptGcm(itemKey.key, iv, additionalData(encodeHeader(header)), plaintext);
    return { salt, iv, ...encrypted, commitment: Buffer.from(itemKey.commitment) };
  } finally {
    itemKey.erase();
  }
}

/** The plaintext, which belongs to the caller: fill it with zeros after use. Throws `not_intact` and `bad_binding`. */
export function openItem(sealed: SealedItem, dataKey: KeyBytes, binding: ItemBinding): Buffer {
  const header = encodeItemBinding(binding);
  if (sealed.ciphertext.length > ITEM_PLAINTEXT_BYTES_MAX) throw new EnvelopeError('not_intact');
  const itemKey = reopenItemKey(sealed, dataKey, header);
  try {
    return decryptGcm(itemKey.key, sealed.iv, additionalData(encodeHeader(header)), sealed);
  } finally {
    itemKey.erase();
  }
}

/** The key of one item version, after its commitment was verified. The caller erases it. */
export function reopenItemKey({ salt, commitment }: SealedItem, dataKey: KeyBytes, header: string): CommittedKey {
  return reopenCommittedKey(dataKey, salt, LABEL, header, commitment);
}
