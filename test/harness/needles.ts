const WINDOW = 12;
const { imul } = Math; // of the test's realm, where every look at a global is slow
/** A rolling hash over one window, after Rabin and Karp: what leaves it was multiplied twelve times. */
const BASE = 0x0100_0193;
const LEAD = Array.from({ length: WINDOW }).reduce((power: number) => imul(power, BASE), 1);

/**
 * Secrets to look for, in whatever shape something may have written them: every window of 12 bytes of each encoding counts, so
 * that a part of one is found as well. Secrets must be random throughout, or chance finds them everywhere.
 */
export class Needles {
  readonly #names = new Map<string, string>();
  /** By the upper 24 bits of its hash: whether a window may be one of those. */
  readonly #hashes = new Uint8Array(2 ** 24);

  add(name: string, secret: Buffer): void {
    for (const [encoding, text] of encodings(secret))
      eachWindow(Buffer.from(text, 'latin1'), (hash, window) => {
        this.#hashes[hash] = 1;
        this.#names.set(window(), `${name} (${encoding})`);
      });
  }

  /** The names of what is in there. */
  in(haystack: Buffer | string): string[] {
    const found = new Set<string>();
    eachWindow(typeof haystack === 'string' ? Buffer.from(haystack) : haystack, (hash, window) => {
      const name = this.#hashes[hash] === 1 ? this.#names.get(window()) : undefined;
      if (name !== undefined) found.add(name);
    });
    return [...found].toSorted();
  }
}

function eachWindow(bytes: Buffer, look: (hash: number, window: () => string) => void): void {
  let end = 0;
  let hash = 0;
  const window = () => bytes.toString('latin1', end - WINDOW, end);
  while (end < bytes.length) {
    const leaving = end < WINDOW ? 0 : (bytes[end - WINDOW] ?? 0);
    hash = (imul(hash, BASE) + (bytes[end] ?? 0) - imul(leaving, LEAD)) | 0;
    end += 1;
    if (end >= WINDOW) look(hash >>> 8, window);
  }
}

/** As Latin-1 texts, in which a character is a byte. */
export function encodings(secret: Buffer): [encoding: string, text: string][] {
  const text = secret.toString('latin1');
  const shifted = [0, 1, 2].map((offset) => Buffer.concat([Buffer.alloc(offset), secret, Buffer.alloc(3)]));
  // the characters that neighbouring bytes take part in are cut off
  const middle = (encoded: string) => encoded.slice(4, 4 * Math.floor(secret.length / 3));
  return [
    ['raw', text],
    ['lower hex', secret.toString('hex')],
    ['upper hex', secret.toString('hex').toUpperCase()],
    ...shifted.map((bytes, offset): [string, string] => [`base64 at ${offset}`, middle(bytes.toString('base64'))]),
    ...shifted.map((bytes, offset): [string, string] => [`base64url at ${offset}`, middle(bytes.toString('base64url'))]),
    ['percent', [...secret].map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('')],
    ['JSON escapes', [...secret].map((byte) => `\\u00${byte.toString(16).padStart(2, '0')}`).join('')],
    ['JSON list', JSON.stringify([...secret])],
    ['UTF-8 of Latin-1', Buffer.from(text, 'utf8').toString('latin1')],
    ['UTF-16LE', Buffer.from(text, 'utf16le').toString('latin1')],
    ['UTF-16BE', Buffer.from(text, 'utf16le').swap16().toString('latin1')],
    ['backwards', Buffer.from(secret).reverse().toString('latin1')],
  ];
}
