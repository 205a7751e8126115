import { describe, expect, test } from '@jest/globals';
import { EnvelopeError } from './envelope-error.js';
import { exportItem, type ExportRecipient } from './export-item.js';
import { openItem, type SealedItem, sealItem } from './item-envelope.js';
import { KeyBytes } from './key-bytes.js';
import { RootKey } from './root-key.js';
import { openBytes, sealBytes } from './seal-bytes.js';
import { aTokenBinding, aWrapContext, anItemBinding, neighbourId } from './testing/bindings.js';
import { flippedBits, otherLengths } from './testing/manipulations.js';
import { openToken, sealToken } from './token-envelope.js';
import { decodeWrapPlaintext, encodeWrapPlaintext } from './wrap-plaintext.js';

const FIELDS = ['salt', 'iv', 'ciphertext', 'tag', 'commitment'] as const satisfies (keyof SealedItem)[];
const plaintext = Buffer.alloc(256, 'payload ');
const dataKey = KeyBytes.random();

let tried = 0;
const accepted: string[] = [];

/** Counts an attempt. Whatever opens it, and whatever fails in another way than the one, is written down as accepted. */
function attempt(what: string, open: () => unknown): void {
  tried += 1;
  try {
    open();
    accepted.push(what);
  } catch (error) {
    if (!isTheOneError(error)) accepted.push(`${what}: ${String(error)}`);
  }
}

function isTheOneError(error: unknown): boolean {
  return (
    error instanceof EnvelopeError &&
    error.message === 'sealed data is not intact' &&
    Object.keys(error).join() === 'code,name' &&
    error.cause === undefined
  );
}

/** Every bit, every length and every stretch of zeros of some bytes. */
function attemptChanges(what: string, bytes: Uint8Array, open: (changed: Buffer) => unknown): void {
  for (const changed of flippedBits(bytes)) attempt(`${what}: a bit`, () => open(changed));
  for (const changed of otherLengths(bytes)) attempt(`${what}: ${changed.length} bytes`, () => open(changed));
  attempt(`${what}: zeros`, () => open(Buffer.alloc(bytes.length)));
}

describe('refuses a sealed item', () => {
  const sealed = sealItem(plaintext, dataKey, anItemBinding);

  test('that is sound only as itself', () => {
    expect(openItem(sealed, dataKey, anItemBinding).equals(plaintext)).toBe(true);
  });

  test.each(FIELDS)('with any bit of its %s flipped, or another length', (field) => {
    attemptChanges(field, sealed[field], (changed) => openItem({ ...sealed, [field]: changed }, dataKey, anItemBinding));
    expect(accepted).toEqual([]);
  });

  test('with fields of another one sealed under the same binding', () => {
    const other = sealItem(plaintext, dataKey, anItemBinding);
    for (let mask = 1; mask < 2 ** FIELDS.length - 1; mask += 1) {
      const mixed = Object.fromEntries(FIELDS.map((field, i) => [field, (mask & (1 << i) ? other : sealed)[field]]));
      attempt(`mix ${mask}`, () => openItem({ ...sealed, ...mixed }, dataKey, anItemBinding));
    }
    expect(accepted).toEqual([]);
  });

  test('in the place of any other workspace, vault, item or version: 81 places, 6480 moves', () => {
    const digits = [1, 2, 3];
    const places = digits.flatMap((w) => digits.flatMap((v) => digits.flatMap((i) => digits.map((version) => placeOf(w, v, i, version)))));
    const items = places.map((place) => sealItem(plaintext, dataKey, place));
    items.forEach((item, from) => {
      places.forEach((place, to) => {
        if (from === to) expect(openItem(item, dataKey, place).equals(plaintext)).toBe(true);
        else attempt(`move ${from} to ${to}`, () => openItem(item, dataKey, place));
      });
    });
    expect(places).toHaveLength(81);
    expect(accepted).toEqual([]);
  });

  test('under the name of another data key, or under another data key of that name', () => {
    attempt('renamed', () => openItem(sealed, dataKey, { ...anItemBinding, dataKeyId: anItemBinding.itemId }));
    attempt('replaced', () => openItem(sealed, KeyBytes.random(), anItemBinding));
    expect(accepted).toEqual([]);
  });

  test('as a source of an export', () => {
    const recipient: ExportRecipient = { publicKeySpki: Buffer.alloc(0), keyId: 'never reached' };
    for (const field of ['iv', 'tag'] as const) {
      attempt(`export ${field}`, () => exportItem({ ...sealed, [field]: sealed[field].subarray(1) }, dataKey, anItemBinding, recipient));
    }
    expect(accepted).toEqual([]);
  });
});

function placeOf(workspace: number, vault: number, item: number, version: number) {
  const { workspaceId, vaultId, itemId, dataKeyId } = anItemBinding;
  return {
    workspaceId: neighbourId(workspaceId, workspace),
    vaultId: neighbourId(vaultId, vault),
    itemId: neighbourId(itemId, item),
    version,
    dataKeyId,
  };
}

describe('refuses a token', () => {
  const token = sealToken(Buffer.from('payload'), dataKey, aTokenBinding);

  test('that is sound only as itself', () => {
    expect(openToken(token, dataKey, aTokenBinding).toString()).toBe('payload');
  });

  test('with any bit of its text flipped, or another length', () => {
    attemptChanges('token text', Buffer.from(token), (changed) => openToken(changed.toString('latin1'), dataKey, aTokenBinding));
    expect(accepted).toEqual([]);
  });

  test.each([0, 2, 3, 4])('with any bit of what part %d encodes flipped, or another length', (index) => {
    const parts = token.split('.');
    attemptChanges(`token part ${index}`, Buffer.from(parts[index] ?? '', 'base64url'), (changed) =>
      openToken(parts.with(index, changed.toString('base64url')).join('.'), dataKey, aTokenBinding),
    );
    expect(accepted).toEqual([]);
  });

  test('with parts of another one sealed under the same binding', () => {
    const [parts, others] = [token.split('.'), sealToken(Buffer.from('payload'), dataKey, aTokenBinding).split('.')];
    for (let mask = 1; mask < 15; mask += 1) {
      const mixed = [0, 2, 3, 4].reduce((mix, at, i) => (mask & (1 << i) ? mix.with(at, others[at] ?? '') : mix), parts);
      attempt(`token mix ${mask}`, () => openToken(mixed.join('.'), dataKey, aTokenBinding));
    }
    expect(accepted).toEqual([]);
  });

  test('in another workspace, under another context, with another data key', () => {
    attempt('workspace', () => openToken(token, dataKey, { ...aTokenBinding, workspaceId: aTokenBinding.vaultId }));
    attempt('context', () => openToken(token, dataKey, { ...aTokenBinding, context: `${aTokenBinding.context} ` }));
    attempt('data key', () => openToken(token, KeyBytes.random(), aTokenBinding));
    expect(accepted).toEqual([]);
  });
});

describe('refuses a wrapped data key', () => {
  const root = RootKey.fromBytes(Buffer.alloc(32, 7));
  const wrapped = root.wrapDataKey(aWrapContext, dataKey);
  const mac = root.macDataKey(aWrapContext, wrapped);
  const neighbours = Object.entries(aWrapContext).map(([field, id]) => ({ ...aWrapContext, [field]: neighbourId(String(id), 9) }));

  test('with any bit flipped, or another length: by its own tag and by its MAC', () => {
    attemptChanges('wrapped', wrapped, (changed) => root.unwrapDataKey(aWrapContext, changed));
    attemptChanges('wrapped, MAC', wrapped, (changed) => root.verifyDataKeyMac(aWrapContext, changed, mac));
    attemptChanges('MAC', mac, (changed) => root.verifyDataKeyMac(aWrapContext, wrapped, changed));
    expect(accepted).toEqual([]);
  });

  test('of another workspace, vault, data key or vault key: by its context, by its MAC and by its digest', () => {
    expect(neighbours).toHaveLength(4);
    for (const context of neighbours) {
      attempt('wrapped elsewhere', () => root.unwrapDataKey(context, wrapped));
      attempt('MAC elsewhere', () => root.verifyDataKeyMac(context, wrapped, mac));
      attempt('digest elsewhere', () => decodeWrapPlaintext(context, encodeWrapPlaintext(aWrapContext, dataKey)));
    }
    expect(accepted).toEqual([]);
  });

  test('that somebody planted: rightly wrapped to the public key, with no MAC of ours', () => {
    // anybody can compute this plaintext and encrypt it to a public key
    const planted = encodeWrapPlaintext(aWrapContext, KeyBytes.random());
    expect(decodeWrapPlaintext(aWrapContext, planted).expose()).toHaveLength(32);
    const guesses = [Buffer.alloc(0), Buffer.alloc(32), mac, RootKey.fromBytes(Buffer.alloc(32, 8)).macDataKey(aWrapContext, planted)];
    for (const guess of guesses) attempt('planted', () => root.verifyDataKeyMac(aWrapContext, planted, guess));
    expect(accepted).toEqual([]);
  });

  test('whose digest was changed, or whose length', () => {
    const bytes = encodeWrapPlaintext(aWrapContext, dataKey);
    const [digest, key] = [bytes.subarray(0, 48), bytes.subarray(48)];
    attemptChanges('wrap plaintext', digest, (changed) => decodeWrapPlaintext(aWrapContext, Buffer.concat([changed, key])));
    for (const changed of otherLengths(bytes)) attempt('wrap plaintext', () => decodeWrapPlaintext(aWrapContext, changed));
    expect(accepted).toEqual([]);
  });
});

describe('refuses sealed bytes', () => {
  test('with any bit flipped, another length, another key or other additional data', () => {
    const aad = Buffer.from('purpose');
    const sealed = sealBytes(dataKey, Buffer.from('payload'), aad);
    expect(openBytes(dataKey, sealed, aad).toString()).toBe('payload');
    attemptChanges('bytes', sealed, (changed) => openBytes(dataKey, changed, aad));
    attemptChanges('aad', aad, (changed) => openBytes(dataKey, sealed, changed));
    attempt('key', () => openBytes(KeyBytes.random(), sealed, aad));
    expect(accepted).toEqual([]);
  });
});

// the last test of the file: it counts what the others did
test('refuses all of more than 10,000 manipulations', () => {
  console.log(`figure: tampering-accepted = ${accepted.length}\nfigure: tampering-tried = ${tried}`);
  expect(accepted).toEqual([]);
  expect(tried).toBeGreaterThan(10_000);
});
