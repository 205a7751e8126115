import { createSecretKey, hkdfSync } from 'node:crypto';

/**
 * HKDF-SHA-256 (RFC 5869). The result is key material: the caller fills it with zeros. Throws for more than 8160 bytes.
 *
 * `createSecretKey` is for speed: given raw bytes, Node first fails to read them as a KeyObject, which costs more than the rest.
 */
export function hkdfSha256(inputKey: Uint8Array, salt: Uint8Array, info: string | Uint8Array, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', createSecretKey(inputKey), salt, info, bytes));
}
