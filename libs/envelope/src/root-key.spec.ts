import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { hkdfSha256 } from './hkdf-sha-256.js';
import { KeyBytes } from './key-bytes.js';
import { RootKey } from './root-key.js';
import { openBytes } from './seal-bytes.js';
import { aWrapContext } from './testing/bindings.js';
import { encodeWrapContext } from './wrap-context.js';

const BYTES = Buffer.from('super-secret-root-key-of-32-byte');
const aRootKey = () => RootKey.fromBytes(BYTES);

describe('RootKey', () => {
  test('unwraps after a restart what it wrapped before, in 61 bytes with the version first', () => {
    const dataKey = KeyBytes.random();
    const wrapped = aRootKey().wrapDataKey(aWrapContext, dataKey);
    expect([wrapped.length, wrapped[0]]).toEqual([61, 1]);
    expect(aRootKey().unwrapDataKey(aWrapContext, wrapped).expose()).toEqual(dataKey.expose());
  });

  test('verifies after a restart what it marked before, and says nothing', () => {
    const wrapped = Buffer.alloc(512, 'w');
    const mac = aRootKey().macDataKey(aWrapContext, wrapped);
    expect(() => aRootKey().verifyDataKeyMac(aWrapContext, wrapped, mac)).not.toThrow();
  });

  test('gives each purpose a key of its own, none of them the root key', () => {
    const keys = ['cursors', 'cursor', 'idempotency', 'wrap-data-key', 'mac-data-key'].map((purpose) =>
      aRootKey().subkey(purpose).expose(),
    );
    expect(new Set([BYTES, ...keys].map((key) => key.toString('hex'))).size).toBe(6);
    expect(aRootKey().subkey('cursors').expose()).toEqual(keys[0]);
  });

  test('gives nobody the keys that it uses itself', () => {
    const wrapped = aRootKey().wrapDataKey(aWrapContext, KeyBytes.random());
    const aad = Buffer.from(encodeWrapContext(aWrapContext));
    const ownKey = KeyBytes.copyOf(hkdfSha256(BYTES, Buffer.alloc(0), 'keyhold/root/1/wrap-data-key', 32));
    expect(openBytes(ownKey, wrapped, aad)).toHaveLength(32);
    for (const purpose of ['wrap-data-key', 'mac-data-key']) {
      expect(() => openBytes(aRootKey().subkey(purpose), wrapped, aad)).toThrow('not intact');
    }
  });

  test('takes a purpose in lower-case kebab', () => {
    for (const purpose of ['', 'A', '-a', 'a/b', 'a b', 'a'.repeat(65)]) expect(() => aRootKey().subkey(purpose)).toThrow(RangeError);
  });

  test('takes exactly 32 bytes', () => {
    for (const length of [0, 16, 31, 33]) expect(() => RootKey.fromBytes(Buffer.alloc(length))).toThrow(RangeError);
  });

  test('never prints its bytes', () => {
    const root = aRootKey();
    const printed = [
      String(root),
      JSON.stringify({ root }),
      inspect(root),
      inspect(root, { customInspect: false, showHidden: true }),
    ].join();
    for (const encoding of ['latin1', 'hex', 'base64'] as const) expect(printed).not.toContain(BYTES.toString(encoding).slice(0, 8));
    expect([String(root), inspect(root), JSON.stringify(root)]).toEqual(['[root key]', '[root key]', '"[root key]"']);
  });

  test('is of no use once it is erased', () => {
    const root = aRootKey();
    const subkey = root.subkey('cursors');
    root.erase();
    expect(() => root.wrapDataKey(aWrapContext, KeyBytes.random())).toThrow('erased');
    expect(() => root.macDataKey(aWrapContext, Buffer.alloc(1))).toThrow('erased');
    expect(() => root.subkey('cursors')).toThrow('erased');
    expect(subkey.expose()).toHaveLength(32);
  });
});
