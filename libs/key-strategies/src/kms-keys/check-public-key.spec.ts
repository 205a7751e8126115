import { describe, expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { checkPublicKey } from './check-public-key.js';

const der = { format: 'der', type: 'spki' } as const;
const rsa = (modulusLength: number, publicExponent = 65537) =>
  generateKeyPairSync('rsa', { modulusLength, publicExponent }).publicKey.export(der);
const spki = rsa(3072);
const judged = (given: Buffer, pinned?: Buffer, other?: Buffer) =>
  checkPublicKey({ region: 'us-east-2', spki: given, modulusBytes: 384 }, pinned, other).cause;

describe('a public key', () => {
  test('passes when it is the promised RSA key, the pinned one, and the same as in the other Region', () => {
    expect(judged(spki, spki, spki)).toBeUndefined();
    expect(judged(spki)).toBeUndefined();
  });

  test('that is not the pinned one has changed', () => {
    expect(judged(rsa(3072), spki)).toBe('public_key_changed');
  });

  test('that is not the other Region’s differs', () => {
    expect(judged(rsa(3072), undefined, spki)).toBe('public_keys_differ');
  });

  test.each([
    ['of another size', rsa(2048)],
    ['with a small exponent', rsa(3072, 3)],
    ['on a curve', generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export(der)],
    ['for RSA-PSS', generateKeyPairSync('rsa-pss', { modulusLength: 3072 }).publicKey.export(der)],
    ['with bytes behind it', Buffer.concat([spki, Buffer.alloc(1)])],
    ['cut short', spki.subarray(0, -1)],
    ['of no form', Buffer.from('garbage')],
    ['that is empty', Buffer.alloc(0)],
  ])('%s is unusable', (_case, given) => {
    expect(judged(given)).toBe('public_key_unusable');
  });
});
