import fc from 'fast-check';

/** Whose thing is meant: one that the request's other names mean as well, some other one, another workspace's, or one that is gone. */
export const WHOSE = ['own', 'another', 'foreign', 'gone'] as const;
export type Whose = (typeof WHOSE)[number];

/** Stands in a planned request for what only the running service knows: the id of something that exists, a credential, a cursor. */
export class FromWorld {
  constructor(
    readonly name: string,
    readonly whose: Whose = 'own',
  ) {}

  [fc.toStringMethod](): string {
    return `<${this.whose} ${this.name}>`;
  }
}

export type LookUp = (wanted: FromWorld) => unknown;

/** Answers each question as it did the first time: what exists may be another thing by the time that an answer has come. */
export function remembering(lookUp: LookUp): LookUp {
  const known = new Map<string, unknown>();
  return (wanted) => {
    const key = `${wanted.whose} ${wanted.name}`;
    if (!known.has(key)) known.set(key, lookUp(wanted));
    return known.get(key);
  };
}

/** A copy of a JSON value in which everything from the world is looked up. Keeps keys such as `__proto__` as they are. */
export function settled(value: unknown, lookUp: LookUp): unknown {
  if (value instanceof FromWorld) return lookUp(value);
  if (Array.isArray(value)) return value.map((entry) => settled(entry, lookUp));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, settled(entry, lookUp)]));
}
