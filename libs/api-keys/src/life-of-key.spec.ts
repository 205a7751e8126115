import { describe, expect, test } from '@jest/globals';
import { endOfKey } from './life-of-key.js';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const at = (text: string): Date => new Date(text);
const end = (wanted: Date | null | undefined, makerEndsAt?: Date, mayBeForEver = false) =>
  endOfKey({ wanted, makerEndsAt, mayBeForEver, now: NOW });

describe('a key lives', () => {
  test('for a year when nothing is said, and no longer than the key that made it', () => {
    expect(end(undefined)).toEqual(at('2027-01-01T00:00:00Z'));
    expect(end(undefined, undefined, true)).toEqual(at('2027-01-01T00:00:00Z'));
    expect(end(undefined, at('2026-02-01T00:00:00Z'), true)).toEqual(at('2026-02-01T00:00:00Z'));
    expect(end(undefined, at('2030-01-01T00:00:00Z'))).toEqual(at('2027-01-01T00:00:00Z'));
  });

  test.each(['2026-01-01T00:00:00.001Z', '2026-01-01T01:00:00Z', '2030-12-31T00:00:00Z'])('until %s when that is wanted', (wanted) => {
    expect(end(at(wanted))).toEqual(at(wanted));
    expect(end(at(wanted), at(wanted))).toEqual(at(wanted));
  });

  test.each(['2026-01-01T00:00:00Z', '2025-12-31T00:00:00Z', '2031-06-01T00:00:00Z', '9999-12-31T00:00:00Z'])('not until %s', (wanted) => {
    expect(() => end(at(wanted))).toThrow(expect.objectContaining({ code: 'expiry_not_possible' }));
  });

  test('for ever only when its maker may make every box open to others, and has no end itself', () => {
    expect(end(null, undefined, true)).toBeUndefined();
    for (const refused of [() => end(null), () => end(null, at('2026-02-01T00:00:00Z'), true)])
      expect(refused).toThrow(expect.objectContaining({ code: 'beyond_own_rights' }));
  });

  test('not one moment longer than the key that made it', () => {
    expect(() => end(at('2026-02-01T00:00:00.001Z'), at('2026-02-01T00:00:00Z'), true)).toThrow(
      expect.objectContaining({ code: 'beyond_own_rights' }),
    );
  });
});
