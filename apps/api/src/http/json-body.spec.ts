import { describe, expect, test } from '@jest/globals';
import { HttpError } from './http-error.js';
import { parseJsonBody } from './json-body.js';

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

describe('a JSON body', () => {
  test('comes out as it was written', () => {
    const value = { a: [1, -0.5, null, true, 'ü 𝄞 \u0000'], '': {}, toString: 'own', hasOwnProperty: 1 };
    expect(parseJsonBody(Buffer.from(JSON.stringify(value)))).toEqual(value);
  });

  test('may have whole numbers as far as a double keeps them, and any number of digits in a text', () => {
    const text = '{"a":9007199254740992,"b":"12345678901234567891","c":-9007199254740991,"d":1.5e3}';
    expect(parseJsonBody(Buffer.from(text))).toEqual({ a: 2 ** 53, b: '12345678901234567891', c: -(2 ** 53 - 1), d: 1500 });
  });

  test('may be missing', () => {
    expect(parseJsonBody(Buffer.alloc(0))).toBeUndefined();
  });

  test('may have 32 levels', () => {
    expect(() => parseJsonBody(Buffer.from(nested(32)))).not.toThrow();
  });

  test('may have brackets in its texts', () => {
    const value = { ['['.repeat(40)]: '{'.repeat(40), colons: ':"::', quoted: `\\"${'['.repeat(40)}"\\`, after: ['\\', '\\\\"'] };
    expect(parseJsonBody(Buffer.from(JSON.stringify(value)))).toEqual(value);
  });

  test('is not parsed when it is too deep: each open level would take memory', () => {
    const parse = JSON.parse;
    let parsed = 0;
    JSON.parse = (text: string): unknown => {
      parsed += 1;
      return parse(text);
    };
    try {
      expect(() => parseJsonBody(Buffer.from(`{"text":"]]}}\\"","deep":${'['.repeat(32)}`))).toThrow(HttpError);
    } finally {
      JSON.parse = parse;
    }
    expect(parsed).toBe(0);
  });

  test.each([
    ['33 levels', nested(33)],
    ['ten thousand levels', nested(10_000)],
    ['half a million open objects', '{"a":'.repeat(500_000)],
    ['text that is no JSON', '{"password": s3cret}'],
    ['an unfinished value', '{"password":"s3cret"'],
    ['two values', '{}{}'],
    ['nothing but blanks', '   '],
    ['a byte order mark', '\ufeff{}'],
    ['a number that no double holds', '{"n":1e999}'],
    ['a negative one', '[-1e999]'],
    ['a whole number that a double would change', '{"account":12345678901234567891}'],
    ['one of four hundred digits', `{"n":${'9'.repeat(400)}}`],
    ['a lone surrogate', '{"s":"\\ud800"}'],
    ['a lone surrogate in a key', '{"\\udfff":1}'],
    ['a key that names the prototype', '{"__proto__":{"admin":true}}'],
    ['the same in escapes', '{"\\u005f_proto__":{"admin":true}}'],
    ['a key that stands twice', '{"a":1,"a":1}'],
    ['a key that stands twice, once in escapes', '{"a":1,"\\u0061":2}'],
    ['a key that stands twice, deep inside', '[{"b":[{"a":{},"c":":","a":[]}]}]'],
    ['a key that names the constructor, deep inside', '{"payload":{"a":[{"constructor":{"prototype":{}}}]}}'],
  ])('may not be %s', (_what, text) => {
    expect(() => parseJsonBody(Buffer.from(text))).toThrow(new HttpError('malformed_json'));
  });

  test('may not be anything but UTF-8', () => {
    expect(() => parseJsonBody(Buffer.from('{"a":"ü"}', 'latin1'))).toThrow(new HttpError('malformed_json'));
    expect(() => parseJsonBody(Buffer.from('{"a":1}', 'utf16le'))).toThrow(HttpError);
  });

  test('is quoted by no error, nor by its causes', () => {
    const thrown = catching(() => parseJsonBody(Buffer.from('{"password": s3cret}')));
    expect(JSON.stringify([thrown.message, thrown.stack, thrown.facts, thrown.cause])).not.toMatch(/s3cret|password/);
  });
});

function catching(work: () => unknown): HttpError {
  try {
    work();
  } catch (error) {
    if (error instanceof HttpError) return error;
  }
  throw new Error('nothing was thrown');
}
