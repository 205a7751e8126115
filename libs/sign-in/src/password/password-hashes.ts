import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { bulkhead, BulkheadRejectedError } from 'cockatiel';
import type { KeyBytes, RootKey } from '#envelope';
import { type Argon2idCost, type Argon2idHash, SALT_BYTES, TAG_BYTES, decodePhc, encodePhc } from './phc-string.js';
import { SignInError } from '../sign-in-error.js';

export type Argon2 = (algorithm: 'argon2id', parameters: Argon2Parameters) => Promise<Buffer>;

/** OWASP's for argon2id: 19 MiB and two passes. */
const COST: Argon2idCost = { memory: 19_456, passes: 2, parallelism: 1 };
/** Of the four threads that also open data keys; whoever signs in waits instead of them. */
const AT_ONCE = 2;
const WAITING_MAX = 64;

/**
 * Passwords as they are kept: argon2id under a key that the database does not have. Who steals the database cannot even guess.
 */
export class PasswordHashes {
  readonly #pepper: KeyBytes;
  readonly #turns = bulkhead(AT_ONCE, WAITING_MAX);
  /** What a password is compared with where there is none: as much work, and never right. */
  readonly #nobodys: string;

  constructor(
    rootKey: RootKey,
    private readonly argon2id: Argon2 = promisify(argon2),
    private readonly cost: Argon2idCost = COST,
  ) {
    this.#pepper = rootKey.subkey('passwords');
    this.#nobodys = encodePhc({ ...cost, salt: randomBytes(SALT_BYTES), tag: randomBytes(TAG_BYTES) });
  }

  /** A PHC string. Throws `sign_in_busy`. */
  async hash(password: string): Promise<string> {
    const made = { ...this.cost, salt: randomBytes(SALT_BYTES) };
    return encodePhc({ ...made, tag: await this.#derive(password, made) });
  }

  /** One derivation, whether there is a hash or not. Throws `sign_in_busy`. */
  async isRight(password: string, stored: string | undefined): Promise<boolean> {
    const hash = decodePhc(stored ?? this.#nobodys);
    return timingSafeEqual(await this.#derive(password, hash), hash.tag) && stored !== undefined;
  }

  /** Made at another cost than a new one would be. */
  isOutdated(stored: string): boolean {
    const { memory, passes, parallelism } = decodePhc(stored);
    return memory !== this.cost.memory || passes !== this.cost.passes || parallelism !== this.cost.parallelism;
  }

  async #derive(password: string, { salt, memory, passes, parallelism }: Omit<Argon2idHash, 'tag'>): Promise<Buffer> {
    const message = Buffer.from(password.normalize('NFKC'));
    const cost = { memory, passes, parallelism, tagLength: TAG_BYTES };
    try {
      return await this.#turns.execute(() => this.argon2id('argon2id', { ...cost, message, nonce: salt, secret: this.#pepper.expose() }));
    } catch (error) {
      throw error instanceof BulkheadRejectedError ? new SignInError('sign_in_busy', { cause: error }) : error;
    } finally {
      message.fill(0);
    }
  }
}
