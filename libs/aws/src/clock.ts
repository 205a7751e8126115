import { setTimeout as pause } from 'node:timers/promises';

/** Time as this lib sees it, so that tests can move it. */
export interface Clock {
  /** Milliseconds on a scale that only moves forward; its zero means nothing. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

/** Monotonic: setting the machine's clock neither ends sessions nor lengthens them. */
export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms) => pause(ms),
};
