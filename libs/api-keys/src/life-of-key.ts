import { AccessError } from '#access';
import { ApiKeyError } from './api-key-error.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const DEFAULT_MS = 365 * DAY_MS;
const LONGEST_MS = 5 * 366 * DAY_MS;

/** What decides how long a new key lives. */
export interface LifeOrder {
  /** Undefined: a year; null: for ever. */
  wanted: Date | null | undefined;
  /** Of a maker that is itself a key. */
  makerEndsAt: Date | undefined;
  /** Whether a key may be made that never expires. */
  mayBeForEver: boolean;
  /** Milliseconds since the epoch. */
  now: number;
}

/**
 * When a new key ends; undefined for never. Throws `expiry_not_possible` for the past and for more than five years, and
 * `beyond_own_rights` for what is longer than the maker's own life, or for ever.
 */
export function endOfKey({ wanted, makerEndsAt, mayBeForEver, now }: LifeOrder): Date | undefined {
  if (wanted === undefined) return new Date(Math.min(now + DEFAULT_MS, makerEndsAt?.getTime() ?? Infinity));
  const isTooLong = wanted === null ? !mayBeForEver || makerEndsAt !== undefined : makerEndsAt !== undefined && wanted > makerEndsAt;
  if (isTooLong) throw new AccessError('beyond_own_rights');
  if (wanted === null) return undefined;
  const life = wanted.getTime() - now;
  if (life <= 0 || life > LONGEST_MS) throw new ApiKeyError('expiry_not_possible');
  return wanted;
}
