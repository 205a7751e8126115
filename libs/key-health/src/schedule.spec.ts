import { describe, expect, test } from '@jest/globals';
import type { KeyHealth } from '#key-strategies';
import { nextExternalIdSeconds, nextProbeSeconds } from './schedule.js';

const IN_THE_MIDDLE = () => 0.5;
const pace = (health: KeyHealth, wasUsedLately = false, hasChangedLately = false) => ({ health, wasUsedLately, hasChangedLately });

describe('a vault key is asked', () => {
  test('every minute while it is used', () => {
    expect(nextProbeSeconds(pace('healthy', true), IN_THE_MIDDLE)).toBe(60);
  });

  test('every five minutes when it is idle', () => {
    expect(nextProbeSeconds(pace('healthy'), IN_THE_MIDDLE)).toBe(300);
  });

  test.each<KeyHealth>(['degraded', 'unreachable'])('every minute while it is %s', (health) => {
    expect(nextProbeSeconds(pace(health), IN_THE_MIDDLE)).toBe(60);
  });

  test.each<KeyHealth>(['refused', 'pending_deletion'])('every minute for an hour after it became %s, and then less often', (health) => {
    expect(nextProbeSeconds(pace(health, false, true), IN_THE_MIDDLE)).toBe(60);
    expect(nextProbeSeconds(pace(health), IN_THE_MIDDLE)).toBe(300);
  });

  test('a fifth earlier or later than that, so that keys spread', () => {
    expect(nextProbeSeconds(pace('healthy', true), () => 0)).toBeCloseTo(48);
    expect(nextProbeSeconds(pace('healthy', true), () => 1)).toBeCloseTo(72);
    expect(nextExternalIdSeconds(() => 0)).toBeCloseTo(0.8 * 86_400);
  });
});
