import type { BoxRights, MemberRows, RowMacs } from '#access';
import type { Queries } from '#audit';
import type { AccessEntry, BoxPlace, CandidateSource } from './access-entry.js';
import { identitiesIn } from './identities-in.js';
import { keysIn } from './keys-in.js';
import { membersIn } from './members-in.js';

/** Where a page of entries ended: in which kind of principals, and at which of them. */
export type AccessPosition = readonly [kind: number, key: string];

export interface PlacedEntry {
  position: AccessPosition;
  entry: AccessEntry;
}

/** Who can do something in a box, and why: decided for everybody who comes into question as it is when they act. */
export class EffectiveAccess {
  readonly #kinds: readonly CandidateSource[];

  constructor(rights: BoxRights, members: MemberRows, macs: RowMacs) {
    this.#kinds = [membersIn(rights, members), identitiesIn(rights), keysIn(rights, macs)];
  }

  /** At most `limit`: members, then AWS identities, then keys of services. */
  async read(tx: Queries, place: BoxPlace, limit: number, after: AccessPosition = [0, '']): Promise<PlacedEntry[]> {
    const found: PlacedEntry[] = [];
    const [first, key] = after;
    for (let kind = first; kind < this.#kinds.length && found.length < limit; kind += 1)
      found.push(...(await this.#ofKind(tx, place, kind, limit - found.length, kind === first ? key : '')));
    return found;
  }

  /** Goes on past those who have nothing, until there are enough or none is left. */
  async #ofKind(tx: Queries, place: BoxPlace, kind: number, limit: number, from: string): Promise<PlacedEntry[]> {
    const found: PlacedEntry[] = [];
    for (let after = from; found.length < limit; ) {
      const candidates = (await this.#kinds[kind]?.(tx, place, limit, after === '' ? undefined : after)) ?? [];
      for (const { key, entry } of candidates) if (entry) found.push({ position: [kind, key], entry });
      const last = candidates.at(-1);
      if (candidates.length < limit || !last) break;
      after = last.key;
    }
    return found.slice(0, limit);
  }
}

export function isAccessPosition(value: unknown): value is AccessPosition {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'number' && typeof value[1] === 'string';
}
