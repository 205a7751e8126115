import { isUtf8 } from 'node:buffer';
import { HttpError } from './http-error.js';
import { membersWritten } from './json-levels.js';

const LEVELS_MAX = 32;
const LONG_NUMBER = /\d{16}/;
const WHOLE_NUMBER = /^-?\d+$/;
/** Keys that other code could take for something else than data: class-transformer calls `value.constructor`. */
const REFUSED_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor']);

/**
 * The value of a JSON body; undefined for an empty one. Throws `malformed_json` for what is not JSON in UTF-8, and for what
 * could not be kept as it came: numbers that a double would change, lone surrogates, keys that name a prototype or stand twice in
 * one object, more than 32 levels.
 * The text of the error never quotes the body, as the one of JSON.parse does.
 */
export function parseJsonBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  const written = membersWritten(bytes, LEVELS_MAX);
  if (written === undefined || !isUtf8(bytes)) throw new HttpError('malformed_json');
  const text = bytes.toString('utf8');
  const value = parse(text);
  if (!isKeepable(value, LEVELS_MAX) || membersOf(value) !== written || !keepsWholeNumbers(text)) throw new HttpError('malformed_json');
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // JSON.parse quotes what it read, so its error is not even a cause
    throw new HttpError('malformed_json');
  }
}

/** Of JSON that is keepable otherwise: whether every whole number is still the same as a double: a secret must come back as it was given. */
function keepsWholeNumbers(text: string): boolean {
  if (!LONG_NUMBER.test(text)) return true;
  let isKept = true;
  const look = (_key: string, value: unknown, { source }: { source?: string }): unknown => {
    if (typeof value === 'number' && source !== undefined && WHOLE_NUMBER.test(source)) isKept &&= BigInt(source) === BigInt(value);
    return value;
  };
  JSON.parse(text, look as (key: string, value: unknown) => unknown);
  return isKept;
}

function isKeepable(value: unknown, levelsLeft: number): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  if (levelsLeft === 0) return false;
  if (Array.isArray(value)) return value.every((entry) => isKeepable(entry, levelsLeft - 1));
  return Object.entries(value).every(([key, entry]) => isKeepableKey(key) && isKeepable(entry, levelsLeft - 1));
}

/** Of two members of one name JSON.parse keeps the last, and another reader of the same text perhaps the first. */
function membersOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const entries = Object.values(value) as unknown[];
  const inside = entries.reduce<number>((sum, entry) => sum + membersOf(entry), 0);
  return Array.isArray(value) ? inside : inside + entries.length;
}

const isKeepableKey = (key: string): boolean => key.isWellFormed() && !REFUSED_KEYS.has(key);
