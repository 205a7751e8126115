import { bulkhead, type BulkheadPolicy, BulkheadRejectedError } from 'cockatiel';
import { AwsError } from './aws-error.js';
import type { Deadline } from './deadline.js';

interface Compartment {
  policy: BulkheadPolicy;
  users: number;
}

/** Keeps each vault to its share of the connections. A vault whose key hangs fills its own bulkhead and nobody else's. */
export class VaultBulkheads {
  readonly #inUse = new Map<string, Compartment>();

  constructor(
    private readonly callsMax: number,
    private readonly queuedMax: number,
  ) {}

  /** Rejects with `busy` when the vault's queue is full, and with `could-not-ask` when no place came free in time. */
  async run<T>(vault: string, deadline: Deadline, work: () => Promise<T>): Promise<T> {
    const compartment = this.#enter(vault);
    try {
      return await startedWithin(deadline, compartment.policy, work);
    } catch (error) {
      throw error instanceof BulkheadRejectedError ? new AwsError('busy') : error;
    } finally {
      compartment.users -= 1;
      if (compartment.users === 0) this.#inUse.delete(vault);
    }
  }

  #enter(vault: string): Compartment {
    const compartment = this.#inUse.get(vault) ?? { policy: bulkhead(this.callsMax, this.queuedMax), users: 0 };
    this.#inUse.set(vault, compartment);
    compartment.users += 1;
    return compartment;
  }
}

/** The deadline cuts off the waiting only; work that has begun keeps its own time and is waited for, so that its trail is whole. */
async function startedWithin<T>(deadline: Deadline, policy: BulkheadPolicy, work: () => Promise<T>): Promise<T> {
  const started = Promise.withResolvers<undefined>();
  const done = policy.execute(() => {
    started.resolve(undefined);
    return work();
  });
  await deadline.within(deadline.remainingMs, () => Promise.race([started.promise, done]));
  return done;
}
