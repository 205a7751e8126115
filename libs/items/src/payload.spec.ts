import { expect, test } from '@jest/globals';
import { decodePayload, encodePayload } from './payload.js';

test('a payload of exactly one mebibyte of JSON text is taken, one byte more is not', () => {
  const frame = JSON.stringify({ v: '' }).length;
  expect(encodePayload({ v: 'x'.repeat(1_048_576 - frame) })).toHaveLength(1_048_576);
  expect(() => encodePayload({ v: 'x'.repeat(1_048_577 - frame) })).toThrow(expect.objectContaining({ code: 'payload_too_large' }));
});

test('decoding zeroes the bytes it was given', () => {
  const bytes = encodePayload({ secret: 'value' });
  expect(decodePayload(bytes)).toEqual({ secret: 'value' });
  expect(bytes.every((byte) => byte === 0)).toBe(true);
});

test.each(['[1]', '"text"', 'null', 'hunter2', ''])(
  'opened bytes that are no JSON object say so without showing themselves: %j',
  (text) => {
    const bytes = Buffer.from(text);
    const opening = () => decodePayload(bytes);
    expect(opening).toThrow(expect.objectContaining({ code: 'not_intact' }));
    expect(opening).not.toThrow(/hunter2|text/);
    expect(bytes.every((byte) => byte === 0)).toBe(true);
  },
);
