import { createHmac } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Database } from '#database';
import type { KeyBytes, RootKey } from '#envelope';
import { LimitError } from './limit-error.js';
import { networkOf } from './network-of.js';
import { type CountedTry, type TryCounter, TryCounters } from './try-counters.js';
import type { TryLimits } from './try-limits.js';

/** A try to prove who one is: with a password, a signed request, an invitation, a token. */
export interface Try {
  /** Which way in. Each has counters of its own: noise on one closes none of the others. */
  door: 'sign-in' | 'oidc-sign-in' | 'aws-sign-in' | 'invitation' | 'token';
  /** The workspace that is claimed, whether it exists or not. */
  workspaceId: string;
  /** As the caller's address is known by the configured number of proxies. */
  sourceAddress: string;
  /** Who is claimed, an e-mail address, whether such a one exists or not. Leave it out where nobody is named. */
  account?: string;
}

/** Leave to try once. It counts as a failure until something else is said. */
export interface Permit {
  /** It was the right one: the try counts no longer, and strangers' failures do not count at this address for 30 days. */
  succeeded(): Promise<void>;
  /** Neither right nor wrong, for a cause of our own: the try counts no longer. */
  undecided(): Promise<void>;
}

/** A node asks again after this time, also where a refusal lasts longer: somebody else's try may have been the right one. */
const REFUSAL_KEPT_MS = 5_000;

/**
 * Limits failed tries by account, address and workspace, over all nodes; to be asked before anything costly is verified:
 *
 *     const permit = await limiter.take({ door: 'sign-in', workspaceId, account: email, sourceAddress: ctx.sourceAddress });
 *     … verify …                  // throwing leaves the try counted
 *     await permit.succeeded();
 *
 * `take` throws LimitError `too_many_tries` (429, with `retryAfterSeconds`), the same for whom there is and whom there is not,
 * and `tries_not_counted` (503) when the store cannot be asked: nobody signs in uncounted. Both are answers as they are.
 *
 * Strangers who use up the tries of an account or a workspace cannot keep its people out: at an address from which somebody got
 * in within the last 30 days, as that account or into that workspace, only the failures of that address count.
 */
export class SignInLimiter {
  readonly #key: KeyBytes;
  readonly #counters: TryCounters;
  /** Counter to the moment, in performance.now(), when it has room again: whoever hammers at a closed door costs no statement. */
  readonly #refusing = new LRUCache<string, number>({ max: 10_000, ttl: REFUSAL_KEPT_MS });

  constructor(
    database: Pick<Database, 'ask'>,
    rootKey: RootKey,
    private readonly limits: TryLimits,
  ) {
    this.#counters = new TryCounters(database);
    this.#key = rootKey.subkey('sign-in-limits');
  }

  async take(tried: Try): Promise<Permit> {
    const lane = this.#laneOf(tried);
    const counters = this.#countersOf(tried, lane);
    this.#refuseAgain(counters);
    const taken = await whileCounted(() => this.#counters.take(counters));
    if (taken.some(({ at }) => at === undefined)) throw await whileCounted(() => this.#refusal(counters, taken));
    return {
      succeeded: async () => {
        await Promise.all([this.#counters.giveBack(taken), this.#counters.openLane(lane)]);
      },
      undecided: () => this.#counters.giveBack(taken),
    };
  }

  #refuseAgain(counters: readonly TryCounter[]): void {
    const full = counters.filter((counter) => this.#waitMs(counter) > 0);
    if (full.length > 0) throw tooMany(full, Math.ceil(Math.max(...full.map((counter) => this.#waitMs(counter))) / 1_000));
  }

  #waitMs(counter: TryCounter): number {
    return (this.#refusing.get(idOf(counter)) ?? 0) - performance.now();
  }

  /** What had room for this try gets it back: a refused try counts nowhere. */
  async #refusal(counters: readonly TryCounter[], taken: readonly CountedTry[]): Promise<LimitError> {
    const refused = taken.filter(({ at }) => at === undefined);
    const full = counters.filter(({ key }) => refused.some((one) => one.key.equals(key)));
    const [seconds] = await Promise.all([this.#counters.waitSeconds(full.map(({ key }) => key)), this.#counters.giveBack(taken)]);
    for (const counter of full) this.#refusing.set(idOf(counter), performance.now() + seconds * 1_000);
    return tooMany(full, seconds);
  }

  #laneOf({ door, workspaceId, account = '', sourceAddress }: Try): Buffer {
    return this.#hmac('lane', door, workspaceId, sameAccount(account), networkOf(sourceAddress));
  }

  #countersOf({ door, workspaceId, account, sourceAddress }: Try, unlessLane: Buffer): TryCounter[] {
    const network = networkOf(sourceAddress);
    const counters = (kind: keyof TryLimits, ...whose: string[]): TryCounter[] =>
      this.limits[kind].map((limit) => ({ ...limit, kind, key: this.#hmac(kind, `${limit.seconds} s`, door, ...whose) }));
    const here = counters('address', network);
    const anywhere = counters('workspace', workspaceId);
    if (account !== undefined) {
      here.push(...counters('accountHere', workspaceId, sameAccount(account), network));
      anywhere.push(...counters('account', workspaceId, sameAccount(account)));
    }
    return [...here, ...anywhere.map((counter) => ({ ...counter, unlessLane }))];
  }

  #hmac(...parts: string[]): Buffer {
    return createHmac('sha256', this.#key.expose()).update(JSON.stringify(parts)).digest();
  }
}

const tooMany = (full: readonly TryCounter[], retryAfterSeconds: number): LimitError =>
  new LimitError('too_many_tries', { retryAfterSeconds, full: full.map(({ kind }) => kind) });

/** Spellings that may be one account are one. */
const sameAccount = (account: string): string => account.normalize('NFKC').trim().toLowerCase();

const idOf = ({ key, unlessLane }: TryCounter): string => Buffer.concat([key, unlessLane ?? Buffer.alloc(0)]).toString('base64');

async function whileCounted<Result>(ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask();
  } catch (cause) {
    throw new LimitError('tries_not_counted', { retryAfterSeconds: 2 }, { cause });
  }
}
