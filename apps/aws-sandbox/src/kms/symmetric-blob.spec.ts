import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { blobReference, openBlob, sealBlob } from './symmetric-blob.js';

const secret = randomBytes(32);
const reference = { accountId: '111122223333', keyId: 'mrk-0123456789abcdef0123456789abcdef' };
const blob = sealBlob(secret, reference, { a: '1', b: '2' }, Buffer.from('plain'));

describe('a symmetric ciphertext', () => {
  it('names its key', () => {
    expect(blobReference(blob)).toEqual(reference);
  });

  it('opens under the same context, in whatever order it is told', () => {
    expect(openBlob(secret, { b: '2', a: '1' }, blob)?.toString()).toBe('plain');
  });

  it('does not open under another context or key', () => {
    const others: Record<string, string>[] = [{}, { a: '1' }, { a: '1', b: '3' }, { a: '1', b: '2', c: '3' }];
    for (const context of others) {
      expect(openBlob(secret, context, blob)).toBeUndefined();
    }
    expect(openBlob(randomBytes(32), { a: '1', b: '2' }, blob)).toBeUndefined();
  });

  it('does not open after any single bit of it changed', () => {
    for (let bit = 0; bit < blob.length * 8; bit++) {
      const changed = Buffer.from(blob);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const opened = blobReference(changed) && openBlob(secret, { a: '1', b: '2' }, changed);
      expect(opened).toBeUndefined();
    }
  });

  it('is told from an RSA ciphertext and from nothing at all', () => {
    expect(blobReference(Buffer.alloc(512, 0xff))).toBeUndefined();
    expect(blobReference(Buffer.alloc(0))).toBeUndefined();
    expect(blobReference(blob.subarray(0, 40))).toBeUndefined();
  });
});
