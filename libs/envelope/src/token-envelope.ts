import { decryptGcm, encryptGcm } from './aes-256-gcm.js';
import { deriveCommittedKey, reopenCommittedKey } from './committed-key.js';
import { EnvelopeError } from './envelope-error.js';
import { ITEM_PLAINTEXT_BYTES_MAX } from './item-envelope.js';
import type { KeyBytes } from './key-bytes.js';
import { additionalData } from './protected-header.js';
import { randomSaltAndIv } from './random-salt-and-iv.js';
import { encodeTokenBinding, type TokenBinding } from './token-binding.js';
import { decodeHeaderOf, decodeToken, encodeToken, encodeTokenHeader, type TokenHeader } from './token-format.js';

const LABEL = 'keyhold/token/1';

/**
 * Seals 0 bytes to 1 MiB for a caller who keeps the result: a compact JWE under a key of its own, derived from the data key for
 * this binding. Throws `payload_too_large` and `bad_binding`.
 */
export function sealToken(plaintext: Uint8Array, dataKey: KeyBytes, binding: TokenBinding): string {
  if (plaintext.length > ITEM_PLAINTEXT_BYTES_MAX) throw new EnvelopeError('payload_too_large');
  const canonicalBinding = encodeTokenBinding(binding);
  const { salt, iv } = randomSaltAndIv();
  const tokenKey = deriveCommittedKey(dataKey, salt, LABEL, canonicalBinding);
  try {
    const encodedHeader = encodeTokenHeader({ ...binding, salt, commitment: tokenKey.commitment });
    return encodeToken({ encodedHeader, iv, ...encryptGcm(tokenKey.key, iv, additionalData(encodedHeader), plaintext) });
  } finally {
    tokenKey.erase();
  }
}

/**
 * Which data key a token asks for. Strictly parsed but not yet proved: whoever wrote the token chose these values.
 * Throws `not_intact`.
 */
export function readTokenHeader(token: string): Pick<TokenHeader, 'vaultId' | 'dataKeyId'> {
  const { vaultId, dataKeyId } = decodeHeaderOf(token);
  return { vaultId, dataKeyId };
}

/** The plaintext, which belongs to the caller: fill it with zeros after use. Throws `not_intact` and `bad_binding`. */
export function openToken(token: string, dataKey: KeyBytes, where: Pick<TokenBinding, 'workspaceId' | 'context'>): Buffer {
  const { vaultId, dataKeyId, salt, commitment, encodedHeader, ...sealed } = decodeToken(token);
  const binding = encodeTokenBinding({ ...where, vaultId, dataKeyId });
  const tokenKey = reopenCommittedKey(dataKey, salt, LABEL, binding, commitment);
  try {
    return decryptGcm(tokenKey.key, sealed.iv, additionalData(encodedHeader), sealed);
  } finally {
    tokenKey.erase();
  }
}
