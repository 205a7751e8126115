import { LRUCache } from 'lru-cache';
import type { Statement } from '#audit';

/** The door to the database for what decides nothing. */
export interface NoteBook {
  note(ctx: { workspaceId: string }, statement: Statement, values: readonly unknown[]): Promise<unknown>;
}

const GATHERED_FOR_MS = 1_000;
const REMEMBERED_MAX = 10_000;

/**
 * That something was used, by its id. No request waits for it or fails by it: ids are gathered, and written in the background,
 * each at most once in a while. What cannot be written is lost until the next time.
 */
export class GatheredNotes {
  readonly #noted: LRUCache<string, true>;
  readonly #gathered = new Map<string, Set<string>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly book: NoteBook,
    /** Takes the ids as its one value. */
    private readonly statement: Statement,
    notedForMs: number,
  ) {
    this.#noted = new LRUCache<string, true>({ max: REMEMBERED_MAX, ttl: notedForMs });
  }

  used(workspaceId: string, id: string): void {
    if (this.#noted.has(id)) return;
    this.#noted.set(id, true);
    this.#gathered.set(workspaceId, (this.#gathered.get(workspaceId) ?? new Set()).add(id));
    this.#timer ??= setTimeout(() => void this.write(), GATHERED_FOR_MS).unref();
  }

  /** Writes what is gathered; never fails. */
  async write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const gathered = [...this.#gathered];
    this.#gathered.clear();
    for (const [workspaceId, ids] of gathered) await this.#note(workspaceId, [...ids]);
  }

  async #note(workspaceId: string, ids: readonly string[]): Promise<void> {
    try {
      await this.book.note({ workspaceId }, this.statement, [ids]);
    } catch {
      for (const id of ids) this.#noted.delete(id);
    }
  }
}
