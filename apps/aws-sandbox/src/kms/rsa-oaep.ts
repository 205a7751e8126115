import { constants, createPrivateKey, createPublicKey, type KeyObject, publicEncrypt, webcrypto } from 'node:crypto';
import { type OaepAlgorithm } from './key-spec.js';

const HASHES = {
  RSAES_OAEP_SHA_1: { node: 'sha1', web: 'SHA-1' },
  RSAES_OAEP_SHA_256: { node: 'sha256', web: 'SHA-256' },
} as const satisfies Record<OaepAlgorithm, { node: string; web: string }>;

/** Node locks a key object for the length of an operation: one copy for each thread of its pool keeps all of them busy. */
const COPIES = 4;
const CACHED_KEYS_MAX = 200;

interface Decrypter {
  copies: Promise<webcrypto.CryptoKey[]>;
  next: number;
}

/** RSA-OAEP with one hash for both OAEP and MGF1 and an empty label. Private operations run on Node's thread pool. */
export class RsaOaep {
  private readonly decrypters = new Map<string, Decrypter>();
  private readonly publicKeys = new Map<string, KeyObject>();

  /** On the event loop: a public operation takes 60 µs, less than a round trip through the thread pool under load. */
  encrypt(publicKey: string, algorithm: OaepAlgorithm, plaintext: Buffer): Buffer {
    const key = remembered(this.publicKeys, publicKey, () =>
      createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' }),
    );
    return publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: HASHES[algorithm].node }, plaintext);
  }

  /** @returns undefined when the ciphertext does not open with this key and algorithm */
  async decrypt(privateKeyPem: string, algorithm: OaepAlgorithm, ciphertext: Buffer): Promise<Buffer | undefined> {
    const decrypter = remembered(this.decrypters, `${algorithm}\n${privateKeyPem}`, () => ({
      copies: imported(privateKeyPem, algorithm),
      next: 0,
    }));
    const copies = await decrypter.copies;
    decrypter.next = (decrypter.next + 1) % copies.length;
    const key = copies[decrypter.next];
    if (!key) throw new Error('no copy of the key was imported');
    try {
      return Buffer.from(await webcrypto.subtle.decrypt('RSA-OAEP', key, new Uint8Array(ciphertext)));
    } catch (error) {
      if (isOperationError(error)) return undefined;
      throw error;
    }
  }
}

async function imported(privateKeyPem: string, algorithm: OaepAlgorithm): Promise<webcrypto.CryptoKey[]> {
  const der = new Uint8Array(createPrivateKey(privateKeyPem).export({ format: 'der', type: 'pkcs8' }));
  const parameters = { name: 'RSA-OAEP', hash: HASHES[algorithm].web };
  return Promise.all(Array.from({ length: COPIES }, () => webcrypto.subtle.importKey('pkcs8', der, parameters, false, ['decrypt'])));
}

/** WebCrypto's one word for a ciphertext that does not open. Not by class: each realm has its own. */
const isOperationError = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'name' in error && error.name === 'OperationError';

/** Keeps the CACHED_KEYS_MAX newest entries. */
function remembered<T>(cache: Map<string, T>, key: string, make: () => T): T {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const oldest = cache.size >= CACHED_KEYS_MAX ? cache.keys().next().value : undefined;
  if (oldest !== undefined) cache.delete(oldest);
  const made = make();
  cache.set(key, made);
  return made;
}
