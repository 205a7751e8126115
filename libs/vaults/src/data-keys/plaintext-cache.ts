import { LRUCache } from 'lru-cache';
import type { KeyBytes } from '#envelope';
import type { KeyCall } from '#key-strategies';

/** A data key in plaintext, and when the vault key last proved that it may be used. */
export interface ProvedKey {
  key: KeyBytes;
  /** Milliseconds of the monotonic clock, taken before the vault key was asked. */
  provedAt: number;
  /** The requests to AWS that proved it. */
  calls: readonly KeyCall[];
}

/** What an event tells about the key that its act used. */
export interface KeyUse {
  /** The requests to AWS that this act made; none when the key was open. */
  calls: readonly KeyCall[];
  /** The answer of KMS that opened the key, be it an earlier one: joins the act with the customer's CloudTrail all the same. */
  provedBy: KeyCall | undefined;
}

export function keyUse(madeNow: readonly KeyCall[], proof: readonly KeyCall[]): KeyUse {
  return { calls: madeNow, provedBy: proof.findLast(({ service, outcome }) => service === 'kms' && outcome === 'ok') };
}

/**
 * The one place where plaintext data keys stay. Their age counts from the proof, not from the last use; what leaves is zeroed.
 * Callers use a key within the same turn in which they got it, so that none is zeroed under their hands.
 */
export class PlaintextCache {
  readonly #keys: LRUCache<string, ProvedKey>;

  constructor(
    max: number,
    private readonly now: () => number,
  ) {
    this.#keys = new LRUCache({ max, ttlAutopurge: true, ttl: 1, dispose: ({ key }) => key.erase() });
  }

  /** The key, when it was proved within the last `maxAgeSeconds`. */
  get(id: string, maxAgeSeconds: number): ProvedKey | undefined {
    const held = this.#keys.get(id);
    return held && this.now() - held.provedAt <= maxAgeSeconds * 1_000 ? held : undefined;
  }

  /** Takes over the key. */
  set(id: string, proved: ProvedKey, maxAgeSeconds: number): void {
    this.#keys.set(id, proved, { ttl: Math.max(1, maxAgeSeconds * 1_000) });
  }

  /** Drops and zeroes every key whose id starts so; answers how many. */
  drop(prefix: string): number {
    const ids = [...this.#keys.keys()].filter((id) => id.startsWith(prefix));
    for (const id of ids) this.#keys.delete(id);
    return ids.length;
  }
}
