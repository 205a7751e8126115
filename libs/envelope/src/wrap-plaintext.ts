import { hash, timingSafeEqual } from 'node:crypto';
import { EnvelopeError } from './envelope-error.js';
import { KEY_BYTES, KeyBytes } from './key-bytes.js';
import { encodeWrapContext, type WrapContext } from './wrap-context.js';

const DIGEST_BYTES = 48;
export const WRAP_PLAINTEXT_BYTES = DIGEST_BYTES + KEY_BYTES;

/**
 * What goes into RSA-OAEP, which binds nothing by itself: SHA-384(context) ‖ data key, 80 bytes. Holds the key in plaintext:
 * the caller fills it with zeros. Throws `bad_binding`.
 */
export function encodeWrapPlaintext(context: WrapContext, dataKey: KeyBytes): Buffer {
  const digest = digestOf(context);
  const plaintext = Buffer.alloc(WRAP_PLAINTEXT_BYTES);
  plaintext.set(digest);
  plaintext.set(dataKey.expose(), DIGEST_BYTES);
  return plaintext;
}

/** The data key, which the caller erases, as it does the bytes given. Throws `not_intact` and `bad_binding`. */
export function decodeWrapPlaintext(context: WrapContext, plaintext: Uint8Array): KeyBytes {
  const digest = digestOf(context);
  const isIntact = plaintext.length === WRAP_PLAINTEXT_BYTES && timingSafeEqual(plaintext.subarray(0, DIGEST_BYTES), digest);
  if (!isIntact) throw new EnvelopeError('not_intact');
  return KeyBytes.copyOf(plaintext.subarray(DIGEST_BYTES));
}

function digestOf(context: WrapContext): Buffer {
  return hash('sha384', encodeWrapContext(context), 'buffer');
}
