import { createHash, createPrivateKey, privateDecrypt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { flattenedDecrypt } from 'jose';
import type { FlattenedJwe } from './export-item.js';
import { encodeItemBinding, type ItemBinding } from './item-binding.js';
import { openItem, type SealedItem } from './item-envelope.js';
import { KeyBytes } from './key-bytes.js';
import { OAEP_SHA_256 } from './oaep-sha-256.js';
import { RootKey } from './root-key.js';
import { openBytes } from './seal-bytes.js';
import { hex } from './testing/hex.js';
import type { TokenBinding } from './token-binding.js';
import { openToken, readTokenHeader } from './token-envelope.js';
import type { WrapContext } from './wrap-context.js';
import { decodeWrapPlaintext, encodeWrapPlaintext } from './wrap-plaintext.js';

const FOLDER = new URL('../../../test/vectors/', import.meta.url);
/** SHA-256 of the released files: a vector that was changed is no vector. A new format adds its line here. */
const RELEASED = {
  'item-export-v1.json': '502acd3510fc7b1b79a23f0e5d7be13e46d50f87a05922e58e6fe2cdfd81341b',
  'item-v1.json': 'ccd30bd9a5e5fda3343d8064db33fe2ea1960b41d0974669736f416766876dd3',
  'root-key-v1.json': '3a1cf99eb938996548352e4d55727b8612389f4d4f6122d4e7a467293dd94b0b',
  'sealed-bytes-v1.json': '7aa537dde090d2d524326e9041662aa770bba10b6d91b411e19d953ca9d587f4',
  'token-v1.json': '92d60e0cd83cc04ff859b2f0ca8a1ca60c8fe1a3a34c5f5990365d06d2117d31',
  'wrap-plaintext-v1.json': 'fdf7900348ca0f54a336a47d51c7aace193461adc4ef2fd3a853b8e998262dc7',
};

function casesOf(format: string): unknown[] {
  return (JSON.parse(readFileSync(new URL(`${format}.json`, FOLDER), 'utf8')) as { cases: unknown[] }).cases;
}
const keyOf = (text: string) => KeyBytes.copyOf(hex(text));

describe('released formats', () => {
  test('are the files that were released, unchanged', () => {
    const files = readdirSync(FOLDER).sort();
    const digests = files.map((file) => [
      file,
      createHash('sha256')
        .update(readFileSync(new URL(file, FOLDER)))
        .digest('hex'),
    ]);
    expect(Object.fromEntries(digests)).toEqual(RELEASED);
  });

  test('item, version 1, opens', () => {
    type Case = { dataKey: string; binding: ItemBinding; plaintext: string; sealed: Record<keyof SealedItem, string> };
    for (const { dataKey, binding, plaintext, sealed } of casesOf('item-v1') as Case[]) {
      const { salt, iv, ciphertext, tag, commitment } = sealed;
      const item = { salt: hex(salt), iv: hex(iv), ciphertext: hex(ciphertext), tag: hex(tag), commitment: hex(commitment) };
      expect(openItem(item, keyOf(dataKey), binding).toString('hex')).toBe(plaintext);
    }
  });

  test('token, version 1, opens', () => {
    type Case = { dataKey: string; binding: TokenBinding; plaintext: string; token: string };
    for (const { dataKey, binding, plaintext, token } of casesOf('token-v1') as Case[]) {
      expect(readTokenHeader(token)).toEqual({ vaultId: binding.vaultId, dataKeyId: binding.dataKeyId });
      expect(openToken(token, keyOf(dataKey), binding).toString('hex')).toBe(plaintext);
    }
  });

  test('wrapped plaintext, version 1, decodes and is encoded the same', () => {
    type Case = { context: WrapContext; dataKey: string; wrapPlaintext: string };
    for (const { context, dataKey, wrapPlaintext } of casesOf('wrap-plaintext-v1') as Case[]) {
      expect(decodeWrapPlaintext(context, hex(wrapPlaintext)).expose().toString('hex')).toBe(dataKey);
      expect(encodeWrapPlaintext(context, keyOf(dataKey)).toString('hex')).toBe(wrapPlaintext);
    }
  });

  test('root key, version 1: unwraps, verifies, derives the same', () => {
    type Case = { rootKey: string; context: WrapContext; dataKey: string; wrapped: string; mac: string; subkeys: Record<string, string> };
    for (const { rootKey, context, dataKey, wrapped, mac, subkeys } of casesOf('root-key-v1') as Case[]) {
      const root = RootKey.fromBytes(hex(rootKey));
      expect(root.unwrapDataKey(context, hex(wrapped)).expose().toString('hex')).toBe(dataKey);
      expect(root.macDataKey(context, hex(wrapped)).toString('hex')).toBe(mac);
      for (const [purpose, key] of Object.entries(subkeys)) expect(root.subkey(purpose).expose().toString('hex')).toBe(key);
    }
  });

  test('sealed bytes, version 1, open', () => {
    type Case = { key: string; aad: string; plaintext: string; sealed: string };
    for (const { key, aad, plaintext, sealed } of casesOf('sealed-bytes-v1') as Case[]) {
      expect(openBytes(keyOf(key), hex(sealed), hex(aad)).toString('hex')).toBe(plaintext);
    }
  });

  test('item export, version 1, opens with jose', async () => {
    type Case = { recipientPrivateKeyPkcs8: string; keyId: string; binding: ItemBinding; plaintext: string; jwe: FlattenedJwe };
    for (const { recipientPrivateKeyPkcs8, keyId, binding, plaintext, jwe } of casesOf('item-export-v1') as Case[]) {
      const key = createPrivateKey({ key: hex(recipientPrivateKeyPkcs8), format: 'der', type: 'pkcs8' });
      expect(jwe.header).toEqual({ alg: 'RSA-OAEP-256', kid: keyId });
      expect(Buffer.from(jwe.protected, 'base64url').toString()).toBe(encodeItemBinding(binding));
      expect(privateDecrypt({ key, ...OAEP_SHA_256 }, Buffer.from(jwe.encrypted_key, 'base64url'))).toHaveLength(32);
      expect(Buffer.from((await flattenedDecrypt(jwe, key)).plaintext).toString('hex')).toBe(plaintext);
    }
  });
});
