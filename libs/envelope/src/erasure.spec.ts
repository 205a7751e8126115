import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { exportItem } from './export-item.js';
import { openItem, sealItem } from './item-envelope.js';
import { KeyBytes } from './key-bytes.js';
import { RootKey } from './root-key.js';
import { anItemBinding, aTokenBinding, aWrapContext } from './testing/bindings.js';
import { openToken, sealToken } from './token-envelope.js';

const plaintext = Buffer.from('payload');
const dataKey = KeyBytes.random();
const sealed = sealItem(plaintext, dataKey, anItemBinding);
const token = sealToken(plaintext, dataKey, aTokenBinding);
const root = RootKey.fromBytes(Buffer.alloc(32, 7));
const wrapped = root.wrapDataKey(aWrapContext, dataKey);
const damaged = { ...sealed, tag: Buffer.alloc(16) };
const publicKeySpki = generateKeyPairSync('rsa', { modulusLength: 3072 }).publicKey.export({ format: 'der', type: 'spki' });

let fill: jest.SpiedFunction<Buffer['fill']>;
beforeEach(() => {
  fill = jest.spyOn(Buffer.prototype, 'fill');
});
afterEach(() => fill.mockRestore());

/** Lengths of the buffers that were filled and hold nothing but zeros. */
function erasedLengths(): number[] {
  return fill.mock.contexts
    .map((context) => Buffer.from(context as Buffer))
    .flatMap((bytes) => (bytes.equals(Buffer.alloc(bytes.length)) ? [bytes.length] : []));
}

test.each([
  ['sealing an item', () => sealItem(plaintext, dataKey, anItemBinding)],
  ['opening an item', () => openItem(sealed, dataKey, anItemBinding)],
  ['exporting an item', () => exportItem(sealed, dataKey, anItemBinding, { publicKeySpki, keyId: 'key' })],
  ['sealing a token', () => sealToken(plaintext, dataKey, aTokenBinding)],
  ['opening a token', () => openToken(token, dataKey, aTokenBinding)],
])('%s leaves its derived key as zeros', (_, act) => {
  act();
  expect(erasedLengths()).toContain(64);
});

test('a failure to open leaves derived key and unverified plaintext as zeros', () => {
  expect(() => openItem(damaged, dataKey, anItemBinding)).toThrow('not intact');
  expect(erasedLengths()).toEqual(expect.arrayContaining([64, plaintext.length]));
});

test('a commitment that differs leaves the derived key as zeros', () => {
  expect(() => openItem(sealed, KeyBytes.random(), anItemBinding)).toThrow('not intact');
  expect(erasedLengths()).toContain(64);
});

test('unwrapping leaves the bytes as zeros that the data key was copied from', () => {
  root.unwrapDataKey(aWrapContext, wrapped).erase();
  expect(erasedLengths()).toEqual([32, 32]);
});
