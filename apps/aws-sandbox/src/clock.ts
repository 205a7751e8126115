/** The sandbox's time: the machine's, moved by an offset. Everything that depends on time asks here. */
export class SandboxClock {
  offsetSeconds = 0;
  /** How long a new replica is `Creating`, and both keys are `Updating` after a change of primary. */
  transitionSeconds = 0;

  /** Milliseconds since the epoch. */
  now(): number {
    return Date.now() + this.offsetSeconds * 1000;
  }
}

/** `2026-01-01T00:00:00Z`, as AWS writes times in XML answers and CloudTrail events. */
export const isoSeconds = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

/** `20260101T000000Z`, as signatures carry it. */
export const compactTime = (ms: number): string => isoSeconds(ms).replace(/[-:]/g, '');
