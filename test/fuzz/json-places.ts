/** Where a value stands in a JSON value: keys and indexes from the top; empty for the whole. */
export type Place = readonly (string | number)[];

const PLACES_MAX = 200;

/** The places in a JSON value, from the top; of a very large one the first. */
export function placesIn(value: unknown): readonly Place[] {
  const places: Place[] = [[]];
  for (const place of places) {
    if (places.length > PLACES_MAX) break;
    places.push(...keysOf(at(value, place)).map((key) => [...place, key]));
  }
  return places;
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

function keysOf(value: unknown): (string | number)[] {
  if (Array.isArray(value)) return [...value.keys()];
  return isPlain(value) ? Object.keys(value) : [];
}

const at = (value: unknown, place: Place): unknown =>
  place.reduce<unknown>((within, key) => (within as Record<string | number, unknown>)[key], value);

/** A copy with another value at a place. */
export function replaced(value: unknown, [key, ...rest]: Place, by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value)) return value.map((entry, index) => (index === key ? replaced(entry, rest, by) : (entry as unknown)));
  return fromEntries(entriesOf(value).map(([name, entry]) => [name, name === key ? replaced(entry, rest, by) : entry]));
}

/** A copy without what stands at a place; undefined when that is the whole. */
export function without(value: unknown, [key, ...rest]: Place): unknown {
  if (key === undefined) return undefined;
  if (Array.isArray(value))
    return value.flatMap((entry, index) => (index !== key ? [entry as unknown] : rest.length > 0 ? [without(entry, rest)] : []));
  const entries = entriesOf(value);
  if (rest.length === 0) return fromEntries(entries.filter(([name]) => name !== key));
  return fromEntries(entries.map(([name, entry]) => [name, name === key ? without(entry, rest) : entry]));
}

/** A copy in which the object at a place has one more field; unchanged where there is no object. */
export function extended(value: unknown, place: Place, name: string, by: unknown): unknown {
  const object = at(value, place);
  return isPlain(object) ? replaced(value, place, fromEntries([...Object.entries(object), [name, by]])) : value;
}

const entriesOf = (value: unknown): [string, unknown][] => Object.entries(value as Record<string, unknown>);
const fromEntries = (entries: Iterable<readonly [string, unknown]>): unknown => Object.fromEntries(entries);
