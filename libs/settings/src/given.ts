import { variableOf } from './variables.js';

/** Settings as the environment has them, by property. */
export type Given = Readonly<Record<string, string>>;

/** A sentence for each variable that is none of `known`: a typing error would otherwise be a default. */
export function unknownProblems(given: Given, ...known: readonly ReadonlySet<string>[]): string[] {
  const unknown = Object.keys(given).filter((property) => !known.some((names) => names.has(property)));
  return unknown.map((property) => `${variableOf(property)} is not a variable of this version: correct its name or remove it.`);
}
