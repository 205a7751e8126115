import { format, inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { KeyBytes } from './key-bytes.js';

const PATTERN = Buffer.from('super-secret-pattern-of-32-bytes');

describe('KeyBytes', () => {
  test('never prints its bytes, however it is printed', () => {
    const key = KeyBytes.copyOf(PATTERN);
    const printed = [
      String(key),
      JSON.stringify({ key, list: [key] }),
      JSON.stringify(structuredClone({ key })),
      JSON.stringify(Object.entries(key)),
      inspect({ key }, { depth: 9, showHidden: true, getters: true }),
      inspect(new Map([[key, key]]), { customInspect: false, showHidden: true, depth: 9 }),
      format('%s %o %O %j', key, key, key, key),
      inspect(new Error('with a key', { cause: key })),
    ].join('\n');
    for (const encoding of ['latin1', 'hex', 'base64', 'base64url'] as const) {
      expect(printed).not.toContain(PATTERN.toString(encoding).slice(0, 8));
    }
    expect(printed).not.toContain([...PATTERN.subarray(0, 4)].join(','));
    expect([String(key), inspect(key), JSON.stringify(key)]).toEqual(['[key bytes]', '[key bytes]', '"[key bytes]"']);
  });

  test('takes exactly 32 bytes', () => {
    for (const length of [0, 16, 31, 33, 64]) expect(() => KeyBytes.copyOf(Buffer.alloc(length))).toThrow(RangeError);
    expect(KeyBytes.copyOf(PATTERN).expose()).toEqual(PATTERN);
  });

  test('keeps a copy, so that the original can be erased', () => {
    const original = Buffer.from(PATTERN);
    const key = KeyBytes.copyOf(original);
    original.fill(0);
    expect(key.expose()).toEqual(PATTERN);
  });

  test('holds its bytes outside the pool that Node shares among small buffers', () => {
    expect(KeyBytes.copyOf(PATTERN).expose().buffer.byteLength).toBe(32);
    expect(KeyBytes.random().expose().buffer.byteLength).toBe(32);
  });

  test('fills its bytes with zeros when it is erased, and is of no use afterwards', () => {
    const key = KeyBytes.random();
    const bytes = key.expose();
    key.erase();
    key.erase();
    expect(bytes).toEqual(Buffer.alloc(32));
    expect(() => key.expose()).toThrow('erased');
  });

  test('is different each time it is random', () => {
    const keys = Array.from({ length: 10_000 }, () => KeyBytes.random().expose().toString('hex'));
    expect(new Set(keys).size).toBe(keys.length);
  });
});
