import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KeyBytes } from './key-bytes.js';
import { openBytes, sealBytes } from './seal-bytes.js';

test('sealed bytes open under the same key and additional data: any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.uint8Array({ maxLength: 200 }), (plaintext, aad) => {
      const key = KeyBytes.random();
      const sealed = sealBytes(key, plaintext, aad);
      expect([sealed[0], sealed.length]).toEqual([1, plaintext.length + 29]);
      expect(openBytes(key, sealed, aad).equals(plaintext)).toBe(true);
    }),
  );
});

test('sealed bytes open from a view into a larger buffer', () => {
  const key = KeyBytes.random();
  const sealed = sealBytes(key, Buffer.from('payload'), Buffer.alloc(0));
  const view = new Uint8Array(Buffer.concat([Buffer.alloc(5), sealed, Buffer.alloc(5)])).subarray(5, 5 + sealed.length);
  expect(openBytes(key, view, Buffer.alloc(0)).toString()).toBe('payload');
});

test('the same bytes are never sealed to the same bytes twice', () => {
  const key = KeyBytes.random();
  const sealed = Array.from({ length: 10_000 }, () => sealBytes(key, Buffer.alloc(8), Buffer.alloc(0)).toString('hex'));
  expect(new Set(sealed).size).toBe(sealed.length);
});
