import { describe, expect, test } from '@jest/globals';
import { decryptGcm } from './aes-256-gcm.js';
import { deriveCommittedKey, reopenCommittedKey } from './committed-key.js';
import { EnvelopeError } from './envelope-error.js';
import { encodeItemBinding } from './item-binding.js';
import { openItem } from './item-envelope.js';
import { KeyBytes } from './key-bytes.js';
import { additionalData, encodeHeader } from './protected-header.js';
import { randomSaltAndIv } from './random-salt-and-iv.js';
import { anItemBinding } from './testing/bindings.js';
import { twoKeyCiphertext } from './testing/two-key-ciphertext.js';

const NOT_INTACT = new EnvelopeError('not_intact');

describe('a ciphertext that AES-GCM opens under two keys', () => {
  const header = encodeItemBinding(anItemBinding);
  const aad = additionalData(encodeHeader(header));
  const { salt, iv } = randomSaltAndIv();
  const dataKeys = [KeyBytes.random(), KeyBytes.random()] as const;
  const [a, b] = dataKeys.map((key) => deriveCommittedKey(key, salt, 'keyhold/item/1', header)) as [Derived, Derived];
  const forged = twoKeyCiphertext([a.key, b.key], iv, aad, 4);

  test('exists: the cipher alone accepts it under both, with two plaintexts', () => {
    const [first, second] = [decryptGcm(a.key, iv, aad, forged), decryptGcm(b.key, iv, aad, forged)];
    expect(first).toHaveLength(64);
    expect(first.equals(second)).toBe(false);
  });

  test('opens as an item under one data key at most, whichever commitment is stored', () => {
    const opens = (commitment: Buffer, dataKey: KeyBytes) => openItem({ salt, iv, ...forged, commitment }, dataKey, anItemBinding);
    expect(() => opens(a.commitment, dataKeys[1])).toThrow(NOT_INTACT);
    expect(() => opens(b.commitment, dataKeys[0])).toThrow(NOT_INTACT);
    expect(() => opens(Buffer.alloc(32), dataKeys[0])).toThrow(NOT_INTACT);
  });
});

type Derived = ReturnType<typeof deriveCommittedKey>;

describe('a derived key', () => {
  const dataKey = KeyBytes.random();
  const salt = Buffer.alloc(32, 1);

  test('differs by data key, salt, purpose and binding', () => {
    const keys = [
      deriveCommittedKey(dataKey, salt, 'keyhold/item/1', 'binding'),
      deriveCommittedKey(KeyBytes.random(), salt, 'keyhold/item/1', 'binding'),
      deriveCommittedKey(dataKey, Buffer.alloc(32, 2), 'keyhold/item/1', 'binding'),
      deriveCommittedKey(dataKey, salt, 'keyhold/token/1', 'binding'),
      deriveCommittedKey(dataKey, salt, 'keyhold/item/1', 'another binding'),
    ];
    expect(new Set(keys.flatMap(({ key, commitment }) => [key.toString('hex'), commitment.toString('hex')])).size).toBe(10);
  });

  test('is zeros once it is erased, its commitment with it', () => {
    const derived = deriveCommittedKey(dataKey, salt, 'keyhold/item/1', 'binding');
    derived.erase();
    expect([derived.key, derived.commitment]).toEqual([Buffer.alloc(32), Buffer.alloc(32)]);
  });

  test('is not derived again for a salt or a commitment of another length', () => {
    const { commitment } = deriveCommittedKey(dataKey, salt, 'keyhold/item/1', 'binding');
    const reopen = (s: Buffer, c: Buffer) => reopenCommittedKey(dataKey, s, 'keyhold/item/1', 'binding', c);
    expect(reopen(salt, commitment).key).toHaveLength(32);
    for (const length of [0, 16, 31]) {
      expect(() => reopen(salt.subarray(0, length), commitment)).toThrow(NOT_INTACT);
      expect(() => reopen(salt, commitment.subarray(0, length))).toThrow(NOT_INTACT);
    }
    // HMAC pads with zeros: a salt with a zero more would derive the same key
    expect(() => reopen(Buffer.concat([salt, Buffer.alloc(1)]), commitment)).toThrow(NOT_INTACT);
  });
});
