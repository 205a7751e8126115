import type { FromWorld } from './from-world.js';

/** Something that exists, by the names that stand for it in paths, queries and bodies: `{ boxId, grantId }`. */
export type Thing = Readonly<Record<string, string>>;

const KEPT_MAX = 60;

/** What exists in a workspace, as far as requests can name it. Of each kind the latest are kept, besides the lasting ones. */
export class Things {
  #lasting: Thing[] = [];
  #passing: Thing[] = [];

  /** For things that stay among those that are named, until somebody ends them. */
  addLasting(...things: Thing[]): void {
    this.#lasting.push(...things);
  }

  add(thing: Thing): void {
    const kind = kindOf(thing);
    const alike = this.#passing.filter((other) => kindOf(other) === kind);
    if (alike.length >= KEPT_MAX) this.#passing.splice(this.#passing.indexOf(alike[0] ?? thing), 1);
    this.#passing.push(thing);
  }

  /** Takes out every thing that has all these names for the same ids. */
  drop(ids: Thing): void {
    const isOther = (thing: Thing) => Object.entries(ids).some(([name, id]) => thing[name] !== id);
    this.#passing = this.#passing.filter(isOther);
    this.#lasting = this.#lasting.filter(isOther);
  }

  /** The nth of the things that have all these names; undefined when there is none. */
  nthWith(names: readonly string[], nth: number): Thing | undefined {
    const having = [...this.#lasting, ...this.#passing].filter((thing) => names.every((name) => name in thing));
    return having[nth % having.length];
  }
}

const kindOf = (thing: Thing): string => Object.keys(thing).toSorted().join();

/** What a name means beside others: of the thing that has them all, or else of any that has it. */
export function meaning(things: Things, { name }: FromWorld, beside: readonly string[], nth: number): string | undefined {
  const named = things.nthWith(beside, nth);
  return named?.[name] ?? things.nthWith([name], nth)?.[name];
}
