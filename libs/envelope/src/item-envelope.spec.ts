import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EnvelopeError } from './envelope-error.js';
import { encodeItemBinding } from './item-binding.js';
import { ITEM_PLAINTEXT_BYTES_MAX, openItem, sealItem } from './item-envelope.js';
import { KeyBytes } from './key-bytes.js';
import { anItemBinding, anyItemBinding } from './testing/bindings.js';

describe('an item', () => {
  test('opens where it was sealed: any bytes, any binding', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5_000 }), anyItemBinding, (plaintext, binding) => {
        const dataKey = KeyBytes.random();
        expect(openItem(sealItem(plaintext, dataKey, binding), dataKey, binding).equals(plaintext)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([0, 1, 15, 16, 17, 65_536, ITEM_PLAINTEXT_BYTES_MAX])('opens at %d bytes', (length) => {
    const dataKey = KeyBytes.random();
    const plaintext = Buffer.alloc(length, 'payload');
    const sealed = sealItem(plaintext, dataKey, anItemBinding);
    expect(sealed.ciphertext).toHaveLength(length);
    expect(openItem(sealed, dataKey, anItemBinding).equals(plaintext)).toBe(true);
  });

  test('is refused over 1 MiB, sealing as opening', () => {
    const dataKey = KeyBytes.random();
    const tooLarge = Buffer.alloc(ITEM_PLAINTEXT_BYTES_MAX + 1);
    expect(() => sealItem(tooLarge, dataKey, anItemBinding)).toThrow(new EnvelopeError('payload_too_large'));
    const sealed = { ...sealItem(Buffer.alloc(1), dataKey, anItemBinding), ciphertext: tooLarge };
    expect(() => openItem(sealed, dataKey, anItemBinding)).toThrow(new EnvelopeError('not_intact'));
  });

  test('has a salt, an IV and a commitment of its own each time, so that no key is used twice', () => {
    const dataKey = KeyBytes.random();
    const sealed = Array.from({ length: 20_000 }, () => sealItem(Buffer.from('same'), dataKey, anItemBinding));
    for (const field of ['salt', 'iv', 'commitment', 'tag'] as const) {
      expect(new Set(sealed.map((item) => item[field].toString('hex'))).size).toBe(sealed.length);
    }
  });

  test('leaves plaintext and data key to their owner', () => {
    const dataKey = KeyBytes.random();
    const before = Buffer.from(dataKey.expose());
    const plaintext = Buffer.from('payload');
    openItem(sealItem(plaintext, dataKey, anItemBinding), dataKey, anItemBinding).fill(0);
    expect([dataKey.expose(), plaintext]).toEqual([before, Buffer.from('payload')]);
  });

  test('cannot be sealed or opened with an erased data key', () => {
    const dataKey = KeyBytes.random();
    const sealed = sealItem(Buffer.from('payload'), dataKey, anItemBinding);
    dataKey.erase();
    expect(() => sealItem(Buffer.from('payload'), dataKey, anItemBinding)).toThrow('erased');
    expect(() => openItem(sealed, dataKey, anItemBinding)).toThrow('erased');
  });
});

describe('the binding of an item', () => {
  test('is the documented bytes', () => {
    expect(encodeItemBinding({ ...anItemBinding, version: 7 })).toBe(
      '{"enc":"A256GCM","typ":"keyhold","v":1,"wid":"0197a000-0000-7000-8000-000000000001","vid":"0197a000-0000-7000-8000-000000000002",' +
        '"iid":"0197a000-0000-7000-8000-000000000003","ver":7,"dk":"0197a000-0000-7000-8000-000000000004"}',
    );
  });

  test('is JSON with these values and nothing else, whatever they are', () => {
    fc.assert(
      fc.property(anyItemBinding, (binding) => {
        const { workspaceId: wid, vaultId: vid, itemId: iid, version: ver, dataKeyId: dk } = binding;
        expect(JSON.parse(encodeItemBinding(binding))).toEqual({ enc: 'A256GCM', typ: 'keyhold', v: 1, wid, vid, iid, ver, dk });
      }),
    );
  });

  test('takes lower-case UUIDs and nothing like them', () => {
    const id = anItemBinding.itemId;
    const unlike = ['', id.toUpperCase(), `${id}\n`, ` ${id}`, `{${id}}`, id.replaceAll('-', ''), `${id}0`, id.slice(1), `${id}","ver":1`];
    for (const field of ['workspaceId', 'vaultId', 'itemId', 'dataKeyId'] as const) {
      for (const value of unlike) {
        expect(() => encodeItemBinding({ ...anItemBinding, [field]: value })).toThrow(new EnvelopeError('bad_binding'));
      }
    }
  });

  test('takes a positive safe integer for version, and no text that reads like one', () => {
    for (const version of [0, -1, 1.5, NaN, Infinity, Number.MAX_SAFE_INTEGER + 1, '1', 1n, null, undefined]) {
      expect(() => encodeItemBinding({ ...anItemBinding, version: version as number })).toThrow(new EnvelopeError('bad_binding'));
    }
  });
});
