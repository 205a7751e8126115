import { inspect } from 'node:util';
import { EnvelopeError } from './envelope-error.js';
import { hkdfSha256 } from './hkdf-sha-256.js';
import { hmacSha256, verifyHmacSha256 } from './hmac-sha-256.js';
import { KEY_BYTES, KeyBytes } from './key-bytes.js';
import { openBytes, sealBytes } from './seal-bytes.js';
import { encodeWrapContext, type WrapContext } from './wrap-context.js';

const PLACEHOLDER = '[root key]';
const PURPOSE = /^[a-z][a-z0-9-]{0,63}$/;

/**
 * The service's root key. The key itself is used for nothing but the derivation of one key per purpose, so that no two uses
 * share key bytes.
 */
export class RootKey {
  readonly #root: KeyBytes;
  readonly #wrapKey: KeyBytes;
  readonly #macKey: KeyBytes;

  private constructor(root: KeyBytes) {
    this.#root = root;
    this.#wrapKey = derive(root, 'keyhold/root/1/wrap-data-key');
    this.#macKey = derive(root, 'keyhold/root/1/mac-data-key');
  }

  /** Copies exactly 32 bytes, otherwise throws RangeError. The original stays the caller's to erase. */
  static fromBytes(bytes: Uint8Array): RootKey {
    return new RootKey(KeyBytes.copyOf(bytes));
  }

  /** The data key under AES-256-GCM with the context as additional data: 61 bytes, version byte first. Throws `bad_binding`. */
  wrapDataKey(context: WrapContext, dataKey: KeyBytes): Buffer {
    return sealBytes(this.#wrapKey, dataKey.expose(), Buffer.from(encodeWrapContext(context)));
  }

  /** The data key, which the caller erases. Throws `not_intact` and `bad_binding`. */
  unwrapDataKey(context: WrapContext, wrapped: Uint8Array): KeyBytes {
    const bytes = openBytes(this.#wrapKey, wrapped, Buffer.from(encodeWrapContext(context)));
    try {
      if (bytes.length !== KEY_BYTES) throw new EnvelopeError('not_intact');
      return KeyBytes.copyOf(bytes);
    } finally {
      bytes.fill(0);
    }
  }

  /**
   * HMAC-SHA-256, 32 bytes: this service made this wrapped key for this context. Anybody can encrypt to a public key, so a valid
   * wrap alone proves nothing about its author. Throws `bad_binding`.
   */
  macDataKey(context: WrapContext, wrapped: Uint8Array): Buffer {
    return hmacSha256(this.#macKey.expose(), macMessage(context, wrapped));
  }

  /** To be called before a vault key is asked. Silence is consent; throws `not_intact` and `bad_binding`. */
  verifyDataKeyMac(context: WrapContext, wrapped: Uint8Array, mac: Uint8Array): void {
    verifyHmacSha256(this.#macKey.expose(), macMessage(context, wrapped), mac);
  }

  /** A key for another use of the service, such as cursors; the caller erases it. `purpose` is lower-case kebab, to 64 characters. */
  subkey(purpose: string): KeyBytes {
    if (!PURPOSE.test(purpose)) throw new RangeError('a purpose has 1 to 64 characters of a-z, 0-9 and -');
    return derive(this.#root, `keyhold/root/1/use/${purpose}`);
  }

  /** Erases this key and what it derived for itself; subkeys handed out are their owners'. */
  erase(): void {
    for (const key of [this.#root, this.#wrapKey, this.#macKey]) key.erase();
  }

  toJSON(): string {
    return PLACEHOLDER;
  }

  toString(): string {
    return PLACEHOLDER;
  }

  [inspect.custom](): string {
    return PLACEHOLDER;
  }
}

function derive(root: KeyBytes, info: string): KeyBytes {
  const okm = hkdfSha256(root.expose(), Buffer.alloc(0), info, KEY_BYTES);
  try {
    return KeyBytes.copyOf(okm);
  } finally {
    okm.fill(0);
  }
}

/** Each part behind its length, so that no two pairs of context and wrapped key join to the same bytes. */
function macMessage(context: WrapContext, wrapped: Uint8Array): Buffer {
  const canonicalContext = Buffer.from(encodeWrapContext(context));
  return Buffer.concat([lengthOf(canonicalContext), canonicalContext, lengthOf(wrapped), wrapped]);
}

function lengthOf(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return length;
}
