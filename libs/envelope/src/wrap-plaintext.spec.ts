import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EnvelopeError } from './envelope-error.js';
import { KeyBytes } from './key-bytes.js';
import { aWrapContext } from './testing/bindings.js';
import { encodeWrapContext } from './wrap-context.js';
import { decodeWrapPlaintext, encodeWrapPlaintext } from './wrap-plaintext.js';

describe('what is wrapped of a data key', () => {
  test('is SHA-384 of the documented context and the key, 80 bytes', () => {
    const dataKey = KeyBytes.random();
    const context =
      '{"fmt":"keyhold/data-key/1","wid":"0197a000-0000-7000-8000-000000000001","vid":"0197a000-0000-7000-8000-000000000002",' +
      '"dk":"0197a000-0000-7000-8000-000000000004","vk":"0197a000-0000-7000-8000-000000000005"}';
    expect(encodeWrapContext(aWrapContext)).toBe(context);
    const digest = createHash('sha384').update(context).digest();
    expect(encodeWrapPlaintext(aWrapContext, dataKey)).toEqual(Buffer.concat([digest, dataKey.expose()]));
  });

  test('gives the data key back, in any context', () => {
    const anyContext = fc.record({ workspaceId: fc.uuid(), vaultId: fc.uuid(), dataKeyId: fc.uuid(), vaultKeyId: fc.uuid() });
    fc.assert(
      fc.property(anyContext, (context) => {
        const dataKey = KeyBytes.random();
        expect(decodeWrapPlaintext(context, encodeWrapPlaintext(context, dataKey)).expose()).toEqual(dataKey.expose());
      }),
    );
  });

  test('lies outside the pool that Node shares among small buffers, and stays with the caller', () => {
    const bytes = encodeWrapPlaintext(aWrapContext, KeyBytes.random());
    expect(bytes.buffer.byteLength).toBe(80);
    const decoded = decodeWrapPlaintext(aWrapContext, bytes);
    bytes.fill(0);
    expect(decoded.expose().equals(Buffer.alloc(32))).toBe(false);
  });

  test('takes lower-case UUIDs', () => {
    for (const field of ['workspaceId', 'vaultId', 'dataKeyId', 'vaultKeyId'] as const) {
      const context = { ...aWrapContext, [field]: aWrapContext[field].toUpperCase() };
      expect(() => encodeWrapPlaintext(context, KeyBytes.random())).toThrow(new EnvelopeError('bad_binding'));
      expect(() => decodeWrapPlaintext(context, Buffer.alloc(80))).toThrow(new EnvelopeError('bad_binding'));
    }
  });
});
