import { LRUCache } from 'lru-cache';
import type { Statement } from '#audit';
import { NOTE_USES } from './api-key-store.js';

const NOTED_FOR_MS = 60_000;
const GATHERED_FOR_MS = 1_000;
const KEYS_MAX = 10_000;

/** The door to the database for what decides nothing. */
interface NoteBook {
  note(ctx: { workspaceId: string }, statement: Statement, values: readonly unknown[]): Promise<unknown>;
}

/**
 * When keys were last used. No request waits for it or fails by it: uses are gathered, and written in the background at most
 * once a minute and key. What cannot be written is lost until the next use.
 */
export class KeyUses {
  readonly #noted = new LRUCache<string, true>({ max: KEYS_MAX, ttl: NOTED_FOR_MS });
  readonly #gathered = new Map<string, Set<string>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly database: NoteBook) {}

  used(workspaceId: string, apiKeyId: string): void {
    if (this.#noted.has(apiKeyId)) return;
    this.#noted.set(apiKeyId, true);
    this.#gathered.set(workspaceId, (this.#gathered.get(workspaceId) ?? new Set()).add(apiKeyId));
    this.#timer ??= setTimeout(() => void this.write(), GATHERED_FOR_MS).unref();
  }

  /** Writes what is gathered; never fails. */
  async write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const gathered = [...this.#gathered];
    this.#gathered.clear();
    for (const [workspaceId, apiKeyIds] of gathered) await this.#note(workspaceId, [...apiKeyIds]);
  }

  async #note(workspaceId: string, apiKeyIds: readonly string[]): Promise<void> {
    try {
      await this.database.note({ workspaceId }, NOTE_USES, [apiKeyIds]);
    } catch {
      for (const apiKeyId of apiKeyIds) this.#noted.delete(apiKeyId);
    }
  }
}
