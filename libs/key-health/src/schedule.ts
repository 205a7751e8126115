import type { KeyHealth } from '#key-strategies';

const USED_SECONDS = 60;
const IDLE_SECONDS = 300;
const EXTERNAL_ID_SECONDS = 86_400;
const JITTER = 0.2;

/** What the pace of probes depends on. */
export interface Pace {
  health: KeyHealth;
  wasUsedLately: boolean;
  hasChangedLately: boolean;
}

/**
 * Seconds until a key is asked again: every minute while it is used, while it cannot be asked, and in the hour after a change, in
 * which people look; every five minutes otherwise. Give or take a fifth, so that keys that were asked together spread.
 */
export function nextProbeSeconds({ health, wasUsedLately, hasChangedLately }: Pace, random: () => number): number {
  const isUncertain = health === 'degraded' || health === 'unreachable' || (health !== 'healthy' && hasChangedLately);
  return spread(wasUsedLately || isUncertain ? USED_SECONDS : IDLE_SECONDS, random);
}

/** Seconds until it is tried again whether the role refuses everybody else. */
export function nextExternalIdSeconds(random: () => number): number {
  return spread(EXTERNAL_ID_SECONDS, random);
}

function spread(seconds: number, random: () => number): number {
  return seconds * (1 + JITTER * (2 * random() - 1));
}
