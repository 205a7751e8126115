import { randomBytes } from 'node:crypto';
import { IV_BYTES } from './aes-256-gcm.js';
import { SALT_BYTES } from './committed-key.js';

/** Both for one seal, from one call: asking the generator costs more than the bytes. */
export function randomSaltAndIv(): { salt: Buffer; iv: Buffer } {
  const bytes = randomBytes(SALT_BYTES + IV_BYTES);
  return { salt: bytes.subarray(0, SALT_BYTES), iv: bytes.subarray(SALT_BYTES) };
}
