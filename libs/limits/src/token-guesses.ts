import { LRUCache } from 'lru-cache';
import { LimitError } from './limit-error.js';
import { networkOf } from './network-of.js';
import type { Clock } from './rate.js';
import type { SignInLimiter } from './sign-in-limiter.js';

export interface Guess {
  /** Of the token. */
  digest: Buffer;
  /** Workspace that the token claims, or what else it claims to be. */
  claimed: string;
  sourceAddress: string;
}

export interface Looked<Found> {
  found: Found | undefined;
  /** Whether this wrong token is seen for the first time in a while. The same one again is no further guess. */
  isFirst: boolean;
}

const MEMORY = 10_000;
const WRONG_FOR_MS = 10 * 60_000;
const RIGHT_FOR_MS = 60 * 60_000;
/** The same wrong token again within this time is not even looked up. */
const LOOKED_UP_MS = 5_000;

/**
 * Stands between tokens and the look-up of tokens. An address that sent too many different wrong ones gets no more look-ups for
 * tokens that this node has not seen right: guessing makes no load, and those who share the address with a guesser stay in. Nor
 * can anybody close a workspace to its own tokens by claiming it: too many guesses at one are refused after the look-up.
 */
export class TokenGuesses {
  /** Wrong tokens, and when they were looked up. */
  readonly #wrong = new LRUCache<string, number>({ max: MEMORY, ttl: WRONG_FOR_MS });
  readonly #right = new LRUCache<string, true>({ max: MEMORY, ttl: RIGHT_FOR_MS });
  /** Addresses, and until when they get no look-ups. */
  readonly #closed = new LRUCache<string, number>({ max: MEMORY });

  constructor(
    private readonly limiter: Pick<SignInLimiter, 'take'>,
    private readonly clock: Clock,
  ) {}

  /** Throws LimitError `too_many_tries` and `tries_not_counted`. */
  async lookUp<Found>(guess: Guess, look: () => Promise<Found | undefined>): Promise<Looked<Found>> {
    const name = guess.digest.toString('base64');
    const lookedUpAt = this.#wrong.get(name);
    if (lookedUpAt !== undefined && this.clock() - lookedUpAt < LOOKED_UP_MS) return { found: undefined, isFirst: false };
    if (!this.#right.has(name)) this.#refuseClosed(guess);
    const found = await look();
    if (found === undefined) return { found, isFirst: await this.#remember(name, guess) };
    this.#right.set(name, true);
    return { found, isFirst: false };
  }

  #refuseClosed({ sourceAddress }: Guess): void {
    const waitMs = (this.#closed.get(networkOf(sourceAddress)) ?? 0) - this.clock();
    if (waitMs > 0) throw new LimitError('too_many_tries', { retryAfterSeconds: Math.ceil(waitMs / 1_000) });
  }

  async #remember(name: string, guess: Guess): Promise<boolean> {
    const isFirst = !this.#wrong.has(name);
    this.#right.delete(name);
    this.#wrong.set(name, this.clock());
    if (isFirst) await this.#count(guess);
    return isFirst;
  }

  /** A guess is never taken back. */
  async #count({ claimed: workspaceId, sourceAddress }: Guess): Promise<void> {
    try {
      await this.limiter.take({ door: 'token', workspaceId, sourceAddress });
    } catch (error) {
      if (error instanceof LimitError && error.facts.full?.includes('address'))
        this.#closed.set(networkOf(sourceAddress), this.clock() + error.facts.retryAfterSeconds * 1_000);
      throw error;
    }
  }
}
