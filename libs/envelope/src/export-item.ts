import { createPublicKey, type KeyObject } from 'node:crypto';
import { IV_BYTES, TAG_BYTES } from './aes-256-gcm.js';
import { EnvelopeError } from './envelope-error.js';
import { encodeItemBinding, type ItemBinding } from './item-binding.js';
import { reopenItemKey, type SealedItem } from './item-envelope.js';
import type { KeyBytes } from './key-bytes.js';
import { encryptOaepSha256 } from './oaep-sha-256.js';
import { encodeHeader } from './protected-header.js';

const MODULUS_BITS_MIN = 3072;

/** Who shall be able to open the export: an RSA public key (DER, SubjectPublicKeyInfo) and the name its owner knows it by. */
export interface ExportRecipient {
  publicKeySpki: Buffer;
  keyId: string;
}

/** JWE in Flattened JSON Serialization (RFC 7516, 7.2.2), which any JOSE library opens. */
export interface FlattenedJwe {
  protected: string;
  header: { alg: 'RSA-OAEP-256'; kid: string };
  encrypted_key: string;
  iv: string;
  ciphertext: string;
  tag: string;
}

/**
 * The item as it is stored, with its item key wrapped for the recipient. Nothing is decrypted, so the plaintext appears nowhere.
 * Throws `not_intact`, `bad_binding`, and TypeError for a recipient that is not RSA of at least 3072 bits.
 */
export function exportItem(sealed: SealedItem, dataKey: KeyBytes, binding: ItemBinding, recipient: ExportRecipient): FlattenedJwe {
  const header = encodeItemBinding(binding);
  if (sealed.iv.length !== IV_BYTES || sealed.tag.length !== TAG_BYTES) throw new EnvelopeError('not_intact');
  const publicKey = rsaPublicKey(recipient.publicKeySpki);
  const itemKey = reopenItemKey(sealed, dataKey, header);
  try {
    return {
      protected: encodeHeader(header),
      header: { alg: 'RSA-OAEP-256', kid: recipient.keyId },
      encrypted_key: encryptOaepSha256(publicKey, itemKey.key).toString('base64url'),
      iv: sealed.iv.toString('base64url'),
      ciphertext: sealed.ciphertext.toString('base64url'),
      tag: sealed.tag.toString('base64url'),
    };
  } finally {
    itemKey.erase();
  }
}

function rsaPublicKey(spki: Buffer): KeyObject {
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== 'rsa' || bits < MODULUS_BITS_MIN) throw new TypeError('an export takes an RSA key of 3072 bits or more');
  return key;
}
