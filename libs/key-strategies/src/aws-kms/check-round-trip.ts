import { randomBytes, timingSafeEqual } from 'node:crypto';
import { WRAP_PLAINTEXT_BYTES } from '#envelope';
import type { AwsRegion, CustomerKey, CustomerKms, Trail } from '#aws';
import { askAws } from './ask-aws.js';
import { failed, failedBy, type Finding, passed } from './finding.js';

interface RoundTrip {
  key: CustomerKey;
  from: AwsRegion;
  to: AwsRegion;
  modulusBytes: number;
}

/** What one Region encrypts the other decrypts: the only proof of life, because descriptions are also given of a dead key. */
export async function checkRoundTrip(aws: CustomerKms, { key, from, to, modulusBytes }: RoundTrip, trail: Trail): Promise<Finding[]> {
  const plaintext = randomBytes(WRAP_PLAINTEXT_BYTES);
  const ask = { key, purpose: 'probe', trail } as const;
  const ciphertext = await askAws(aws.encrypt({ ...ask, regions: [from] }, plaintext, modulusBytes));
  if ('error' in ciphertext) return [failedBy(ciphertext.error, 'encrypt', from)];
  const back = await askAws(aws.decrypt({ ...ask, regions: [to] }, ciphertext.value, plaintext.length));
  const decrypted = 'error' in back ? failedBy(back.error, 'decrypt', to) : sameBytes(back.value, plaintext, to);
  return [passed('encrypt', from), decrypted];
}

function sameBytes(got: Uint8Array, expected: Buffer, region: AwsRegion): Finding {
  return timingSafeEqual(got, expected) ? passed('decrypt', region) : failed('decrypt', 'round_trip_mismatch', region);
}
