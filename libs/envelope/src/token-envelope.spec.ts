import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compactDecrypt } from 'jose';
import { deriveCommittedKey } from './committed-key.js';
import { EnvelopeError } from './envelope-error.js';
import { ITEM_PLAINTEXT_BYTES_MAX } from './item-envelope.js';
import { KeyBytes } from './key-bytes.js';
import { aTokenBinding, anyTokenBinding } from './testing/bindings.js';
import { encodeTokenBinding } from './token-binding.js';
import { openToken, readTokenHeader, sealToken } from './token-envelope.js';
import { TOKEN_CHARS_MAX } from './token-format.js';

const NOT_INTACT = new EnvelopeError('not_intact');

describe('a token', () => {
  test('opens where it was sealed: any bytes, any binding', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), anyTokenBinding, (plaintext, binding) => {
        const dataKey = KeyBytes.random();
        const token = sealToken(plaintext, dataKey, binding);
        expect(readTokenHeader(token)).toEqual({ vaultId: binding.vaultId, dataKeyId: binding.dataKeyId });
        expect(openToken(token, dataKey, binding).equals(plaintext)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([0, 1, ITEM_PLAINTEXT_BYTES_MAX])('opens at %d bytes', (length) => {
    const dataKey = KeyBytes.random();
    const plaintext = Buffer.alloc(length, 'payload');
    expect(openToken(sealToken(plaintext, dataKey, aTokenBinding), dataKey, aTokenBinding).equals(plaintext)).toBe(true);
  });

  test('is at its longest as long as the published limit', () => {
    const longest = Buffer.alloc(ITEM_PLAINTEXT_BYTES_MAX);
    expect(sealToken(longest, KeyBytes.random(), aTokenBinding)).toHaveLength(TOKEN_CHARS_MAX);
    expect(() => sealToken(Buffer.alloc(longest.length + 1), KeyBytes.random(), aTokenBinding)).toThrow(
      new EnvelopeError('payload_too_large'),
    );
  });

  test('is a compact JWE that jose opens with the derived key', async () => {
    const dataKey = KeyBytes.random();
    const token = sealToken(Buffer.from('payload'), dataKey, aTokenBinding);
    const header = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as Record<string, string>;
    expect(Object.keys(header)).toEqual(['alg', 'enc', 'typ', 'v', 'vid', 'dk', 'salt', 'cmt']);
    const salt = Buffer.from(header['salt'] ?? '', 'base64url');
    const { key } = deriveCommittedKey(dataKey, salt, 'keyhold/token/1', encodeTokenBinding(aTokenBinding));
    const { plaintext, protectedHeader } = await compactDecrypt(token, key);
    expect(Buffer.from(plaintext).toString()).toBe('payload');
    expect(protectedHeader).toMatchObject({ alg: 'dir', enc: 'A256GCM', typ: 'keyhold' });
  });

  test('tells neither its workspace nor its context', () => {
    const binding = { ...aTokenBinding, context: 'a very telling context' };
    const header = Buffer.from(sealToken(Buffer.alloc(0), KeyBytes.random(), binding).split('.')[0] ?? '', 'base64url').toString();
    expect(header).not.toContain(binding.workspaceId);
    expect(header).not.toContain('telling');
  });

  test('takes a context of 1 to 512 characters of well-formed Unicode', () => {
    const dataKey = KeyBytes.random();
    const seal = (context: string) => sealToken(Buffer.alloc(0), dataKey, { ...aTokenBinding, context });
    for (const context of ['\0', '"', '\\', '\n', '\u2028', 'é', 'e\u0301', '🔑'.repeat(512)]) {
      expect(openToken(seal(context), dataKey, { ...aTokenBinding, context })).toHaveLength(0);
    }
    for (const context of ['', 'x'.repeat(513), '🔑'.repeat(513), '\ud800', 'a\udc00b']) {
      expect(() => seal(context)).toThrow(new EnvelopeError('bad_binding'));
      expect(() => openToken(seal('x'), dataKey, { ...aTokenBinding, context })).toThrow(new EnvelopeError('bad_binding'));
    }
  });

  test('does not open under a context that only looks the same', () => {
    const dataKey = KeyBytes.random();
    const token = sealToken(Buffer.alloc(0), dataKey, { ...aTokenBinding, context: 'é' });
    for (const context of ['e\u0301', 'É', 'é ', 'é","iid":"é']) {
      expect(() => openToken(token, dataKey, { ...aTokenBinding, context })).toThrow(NOT_INTACT);
    }
  });
});

describe('the header of a token', () => {
  const dataKey = KeyBytes.random();
  const token = aTokenWith(/[-_][^.]*$/, dataKey);
  const [encoded = '', ...rest] = token.split('.');
  const header = Buffer.from(encoded, 'base64url').toString();
  const withHeader = (text: string) => [Buffer.from(text).toString('base64url'), ...rest].join('.');

  test('is read from the bytes that sealing wrote', () => {
    expect(readTokenHeader(withHeader(header))).toEqual({ vaultId: aTokenBinding.vaultId, dataKeyId: aTokenBinding.dataKeyId });
    expect(openToken(withHeader(header), dataKey, aTokenBinding).toString()).toBe('payload');
  });

  test.each([
    ['another order', header.replace('"alg":"dir","enc":"A256GCM"', '"enc":"A256GCM","alg":"dir"')],
    ['white space', header.replace(':1,', ': 1,')],
    ['a line end behind it', `${header}\n`],
    ['another spelling of a character', header.replace('keyhold', '\\u006beyhold')],
    ['another number', header.replace('"v":1', '"v":1.0')],
    ['another version', header.replace('"v":1', '"v":2')],
    ['another algorithm', header.replace('"dir"', '"A256KW"')],
    ['another cipher', header.replace('A256GCM', 'A128GCM')],
    ['compression', header.replace('}', ',"zip":"DEF"}')],
    ['a critical extension', header.replace('}', ',"crit":["exp"],"exp":1}')],
    ['a field twice', header.replace('"v":1', '"v":1,"v":1')],
    ['an upper-case id', header.replace(/"vid":"[^"]+"/, '"vid":"0197A000-0000-7000-8000-000000000002"')],
    ['an id that is none', header.replace(/"vid":"[^"]+"/, `"vid":"${'-'.repeat(36)}"`)],
    ['a shorter salt', header.replace(/"salt":"./, '"salt":"')],
    ['no object', '[]'],
    ['nothing', ''],
  ])('refuses %s', (_, text) => {
    expect(text).not.toBe(header);
    expect(() => readTokenHeader(withHeader(text))).toThrow(NOT_INTACT);
  });

  test.each([
    ['padding', `${encoded}=.${rest.join('.')}`],
    ['the other base64 alphabet', token.replaceAll('-', '+').replaceAll('_', '/')],
    ['white space around', ` ${token}`],
    ['a key where there is none', [encoded, 'AAAA', ...rest.slice(1)].join('.')],
    ['four parts', token.split('.').slice(0, 4).join('.')],
    ['six parts', `${token}.AAAA`],
    ['a part that is not there', `${encoded}....`],
    ['too long a token', `${token}${'A'.repeat(TOKEN_CHARS_MAX)}`],
    ['nothing', ''],
    ['JSON', JSON.stringify({ protected: encoded })],
  ])('refuses %s around it', (_, text) => {
    expect(text).not.toBe(token);
    expect(() => openToken(text, dataKey, aTokenBinding)).toThrow(NOT_INTACT);
  });

  test('refuses stray bits behind the last byte of each part', () => {
    const parts = sealToken(Buffer.alloc(1), dataKey, aTokenBinding).split('.');
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    for (const index of [3, 4]) {
      const part = parts[index] ?? '';
      const stray = alphabet[alphabet.indexOf(part.slice(-1)) + 1] ?? '';
      const changed = parts.with(index, part.slice(0, -1) + stray);
      expect(Buffer.from(changed[index] ?? '', 'base64url')).toEqual(Buffer.from(part, 'base64url'));
      expect(() => openToken(changed.join('.'), dataKey, aTokenBinding)).toThrow(NOT_INTACT);
    }
  });
});

/** Sealed anew until the text shows what a test is about. */
function aTokenWith(shown: RegExp, dataKey: KeyBytes): string {
  const token = sealToken(Buffer.from('payload'), dataKey, aTokenBinding);
  return shown.test(token) ? token : aTokenWith(shown, dataKey);
}
