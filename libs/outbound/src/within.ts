import { OutboundError } from './outbound-error.js';

/** Also what heeds no signal is waited for no longer. Rejects with OutboundError `too_slow` once `signal` is aborted. */
export async function within<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(new OutboundError('too_slow'));
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([work, late]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
