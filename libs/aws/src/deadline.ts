import type { Clock } from './clock.js';
import { AwsError } from './aws-error.js';

/** The time that one act may take in all, from the moment it was asked for, queueing and signing in included. */
export class Deadline {
  readonly #endsAt: number;

  constructor(
    private readonly clock: Clock,
    totalMs: number,
  ) {
    this.#endsAt = clock.now() + totalMs;
  }

  get remainingMs(): number {
    return Math.max(0, this.#endsAt - this.clock.now());
  }

  /**
   * Settles as `work` does, or rejects with `could-not-ask` once `capMs` or what remains is over. The signal tells the work to
   * stop; the caller does not wait for it, because not every step of the SDK listens.
   */
  async within<T>(capMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const signal = AbortSignal.timeout(Math.ceil(Math.min(capMs, this.remainingMs)));
    const { promise: over, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(new AwsError('could-not-ask', { awsError: 'TimeoutError' }));
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([work(signal), over]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }
}
