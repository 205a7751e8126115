import { randomFillSync } from 'node:crypto';
import { inspect } from 'node:util';

export const KEY_BYTES = 32;
const PLACEHOLDER = '[key bytes]';

/**
 * 32 secret bytes with one door, `expose()`. Whoever makes one erases it; printing it in any way gives a placeholder.
 *
 * The buffer is from `Buffer.alloc`, never from Node's shared pool, so that erasing it erases the only copy made here.
 */
export class KeyBytes {
  #bytes: Buffer | undefined;

  private constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  static random(): KeyBytes {
    return new KeyBytes(randomFillSync(Buffer.alloc(KEY_BYTES)));
  }

  /** Copies exactly 32 bytes, otherwise throws RangeError. The original stays the caller's to erase. */
  static copyOf(bytes: Uint8Array): KeyBytes {
    if (bytes.length !== KEY_BYTES) throw new RangeError(`a key has exactly ${KEY_BYTES} bytes`);
    const copy = Buffer.alloc(KEY_BYTES);
    copy.set(bytes);
    return new KeyBytes(copy);
  }

  /** The live bytes, not a copy: do not keep, change or print them. Throws after `erase()`. */
  expose(): Buffer {
    if (this.#bytes === undefined) throw new Error('this key was erased');
    return this.#bytes;
  }

  /** Fills the bytes with zeros. Erasing twice is harmless. */
  erase(): void {
    this.#bytes?.fill(0);
    this.#bytes = undefined;
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
