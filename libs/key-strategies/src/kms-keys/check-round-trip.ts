import { randomBytes, timingSafeEqual } from 'node:crypto';
import { WRAP_PLAINTEXT_BYTES } from '#envelope';
import type { AwsRegion, CustomerKey, CustomerKms, KeyAsk, Trail } from '#aws';
import { askAws } from './ask-aws.js';
import { failed, failedBy, type Finding, passed, restingOn } from './finding.js';

interface RoundTrip {
  key: CustomerKey;
  from: AwsRegion;
  to: AwsRegion;
  modulusBytes: number;
}

/** What one Region encrypts the other decrypts: the only proof of life, because descriptions are also given of a dead key. */
export async function checkRoundTrip(aws: CustomerKms, { key, from, to, modulusBytes }: RoundTrip, trail: Trail): Promise<Finding[]> {
  const plaintext = randomBytes(WRAP_PLAINTEXT_BYTES);
  const ask = (region: AwsRegion, calls: Trail): KeyAsk => ({ key, purpose: 'probe', trail: calls, regions: [region] });
  const ciphertext = await askAws(trail, (calls) => aws.encrypt(ask(from, calls), plaintext, modulusBytes));
  if ('error' in ciphertext) return [failedBy(ciphertext.error, 'encrypt', from)];
  const back = await askAws(trail, (calls) => aws.decrypt(ask(to, calls), ciphertext.value, plaintext.length));
  const decrypted = 'error' in back ? failedBy(back.error, 'decrypt', to) : restingOn(back.requestId, sameBytes(back.value, plaintext, to));
  return [restingOn(ciphertext.requestId, passed('encrypt', from)), decrypted];
}

function sameBytes(got: Uint8Array, expected: Buffer, region: AwsRegion): Finding {
  return timingSafeEqual(got, expected) ? passed('decrypt', region) : failed('decrypt', 'round_trip_mismatch', region);
}
