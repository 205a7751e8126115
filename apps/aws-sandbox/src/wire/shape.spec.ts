import { describe, expect, it } from '@jest/globals';
import { blob, flag, integer, listOf, oneOf, readShape, required, stringMap, structure, text } from './shape.js';

const shape = {
  KeyId: required(text({ min: 1, max: 5 })),
  Plaintext: blob({ min: 1, max: 4 }),
  Algorithm: oneOf(['A', 'B']),
  Limit: integer(1, 10),
  DryRun: flag(),
  Context: stringMap(),
  Tags: listOf(structure({ TagKey: required(text({ max: 3 })) }), 2),
};

const refusal = (body: Record<string, unknown>): string => {
  try {
    readShape(shape, body);
    return 'read';
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
};

describe('a request body', () => {
  it('is read into bytes, numbers and lists', () => {
    const read = readShape(shape, { KeyId: 'k', Plaintext: 'YWI=', Limit: 3, Tags: [{ TagKey: 't' }], Context: { a: 'b' } });
    expect(read).toMatchObject({ KeyId: 'k', Plaintext: Buffer.from('ab'), Limit: 3, Tags: [{ TagKey: 't' }], Context: { a: 'b' } });
  });

  it('takes null for a member that was not sent', () => {
    expect(readShape(shape, { KeyId: 'k', Limit: null }).Limit).toBeUndefined();
  });

  it('is refused with all that is wrong with it at once', () => {
    expect(refusal({ Algorithm: 'C', Limit: 11 })).toBe(
      "ValidationException: 3 validation errors detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null; " +
        "Value 'C' at 'algorithm' failed to satisfy constraint: Member must satisfy enum value set: [A, B]; " +
        "Value '11' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10",
    );
    expect(refusal({ KeyId: 'k', Tags: [{ TagKey: 'long' }] })).toContain("Value 'long' at 'tags.1.member.tagKey' failed");
  });

  it('never repeats a plaintext that is too long', () => {
    const refused = refusal({ KeyId: 'k', Plaintext: Buffer.from('secret').toString('base64') });
    expect(refused).toBe(
      "ValidationException: 1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4",
    );
  });

  it.each<Record<string, unknown>>([
    { KeyId: 1 },
    { KeyId: 'k', Plaintext: 'no base64!' },
    { KeyId: 'k', Plaintext: 'YWI' },
    { KeyId: 'k', Limit: '3' },
    { KeyId: 'k', Limit: 1.5 },
    { KeyId: 'k', DryRun: 'true' },
    { KeyId: 'k', Context: { a: 1 } },
    { KeyId: 'k', Tags: {} },
    { KeyId: 'k', Tags: ['t'] },
    { KeyId: 'k', Surprise: 1 },
    { KeyId: 'k', toString: 'x' },
  ])('of the wrong types cannot be read: %j', (body) => {
    expect(refusal(body)).toMatch(/^SerializationException: /);
  });
});
