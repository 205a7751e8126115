import type { Buckets, Clock, Granted } from './rate.js';

const ANSWER_WITHIN_MS = 2_000;
const LOCAL_FOR_MS = 10_000;

/**
 * Draws from shared buckets, and from this node's own for a while after those did not answer: what a request asks for is not
 * refused because nobody can say how much others use.
 */
export class BucketsWithLocalCap implements Buckets {
  #localUntil = -Infinity;

  constructor(
    private readonly shared: Buckets,
    private readonly local: Buckets,
    private readonly clock: Clock,
    private readonly onLocal: (cause: unknown) => void,
  ) {}

  async draw(workspaceId: string, asked: number): Promise<Granted> {
    if (this.clock() < this.#localUntil) return this.local.draw(workspaceId, asked);
    try {
      return await soon(this.shared.draw(workspaceId, asked));
    } catch (cause) {
      this.#localUntil = this.clock() + LOCAL_FOR_MS;
      this.onLocal(cause);
      return this.local.draw(workspaceId, asked);
    }
  }
}

async function soon<Answer>(answer: Promise<Answer>): Promise<Answer> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('the shared buckets did not answer in time')), ANSWER_WITHIN_MS);
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
