import { LRUCache } from 'lru-cache';
import type { Buckets, Clock, Granted, Rate } from './rate.js';

/** The buckets of one node, in memory: each node by itself lets in the whole rate. */
export class LocalBuckets implements Buckets {
  /** Workspace to the moment when its bucket is full again; absent is full. */
  readonly #fullAt = new LRUCache<string, number>({ max: 10_000 });

  constructor(
    private readonly rate: Rate,
    private readonly clock: Clock,
  ) {}

  draw(workspaceId: string, asked: number): Promise<Granted> {
    const { perSecond, burst } = this.rate;
    const now = this.clock();
    const fullAt = Math.max(now, this.#fullAt.get(workspaceId) ?? now);
    const held = burst - ((fullAt - now) / 1_000) * perSecond;
    const granted = Math.max(0, Math.floor(Math.min(asked, held)));
    this.#fullAt.set(workspaceId, fullAt + (granted / perSecond) * 1_000);
    return Promise.resolve({ granted, left: held - granted });
  }
}
