import { describe, expect, test } from '@jest/globals';
import { ATTEMPTS_MAX, isFinal, pauseMs } from './retries.js';

const MINUTE_MS = 60_000;

describe('a delivery that failed', () => {
  test('is tried again after 1, 4, 16, 64, 256 and 960 minutes, and then no more', () => {
    const pauses = Array.from({ length: ATTEMPTS_MAX }, (_, index) => pauseMs(index + 1, () => 0.5));
    expect(pauses.map((ms) => ms && ms / MINUTE_MS)).toEqual([1, 4, 16, 64, 256, 960, undefined]);
  });

  test('has its last attempt within 24 hours', () => {
    for (const chance of [0, 0.999]) {
      const total = Array.from({ length: ATTEMPTS_MAX - 1 }, (_, index) => pauseMs(index + 1, () => chance) ?? 0).reduce((a, b) => a + b);
      expect(total / (60 * MINUTE_MS)).toBeGreaterThan(19);
      expect(total / (60 * MINUTE_MS)).toBeLessThan(24);
    }
  });

  test('spreads by a tenth either way', () => {
    expect(pauseMs(1, () => 0)).toBe(0.9 * MINUTE_MS);
    expect(pauseMs(1, () => 1)).toBeCloseTo(1.1 * MINUTE_MS);
  });

  test.each([400, 401, 403, 404, 410, 422, 451])('is given up when the receiver answers %d', (status) => {
    expect(isFinal(status)).toBe(true);
  });

  test.each([undefined, 302, 408, 429, 500, 502, 503, 599])('is tried again after %s', (status) => {
    expect(isFinal(status)).toBe(false);
  });
});
