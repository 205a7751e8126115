import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { EnvelopeError } from './envelope-error.js';

export const MAC_BYTES = 32;

export function hmacSha256(key: Uint8Array, message: Uint8Array): Buffer {
  return createHmac('sha256', createSecretKey(key)).update(message).digest();
}

/** In constant time, the whole length: a truncated MAC is none. Throws `not_intact`. */
export function verifyHmacSha256(key: Uint8Array, message: Uint8Array, mac: Uint8Array): void {
  const expected = hmacSha256(key, message);
  if (mac.length !== MAC_BYTES || !timingSafeEqual(expected, mac)) throw new EnvelopeError('not_intact');
}
