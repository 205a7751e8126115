const MINUTE_MS = 60_000;

/** After the first attempt, the second, …: over 21.7 hours, so that a receiver that is away for a day misses nothing. */
const PAUSES_MINUTES = [1, 4, 16, 64, 256, 960];
const JITTER = 0.1;

export const ATTEMPTS_MAX = PAUSES_MINUTES.length + 1;

/**
 * Milliseconds until the next attempt; undefined after the last one. Moved by up to a tenth either way, so that those who failed
 * together do not come back together.
 */
export function pauseMs(attempts: number, random: () => number): number | undefined {
  const minutes = PAUSES_MINUTES[attempts - 1];
  return minutes === undefined ? undefined : minutes * MINUTE_MS * (1 + JITTER * (2 * random() - 1));
}

/** Whether asking again cannot help: the receiver has understood, and does not want it. */
export function isFinal(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429;
}
