import { randomBytes } from 'node:crypto';
import type { TestDatabase } from '../harness/database.js';
import { Needles } from '../harness/needles.js';

const ID = /[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}/gi;
const idsIn = (text: string): string[] => (text.match(ID) ?? []).map((id) => id.replaceAll('-', '').toLowerCase());

/** What is known of one workspace by nobody but itself: every text that was put into it, and every id that stands in its rows. */
export class Sentinels {
  readonly #texts = new Needles();
  readonly #ids = new Set<string>();

  /** A text of its own, for a name or a secret. */
  next(): string {
    const text = randomBytes(16).toString('hex');
    this.#texts.add('a text', Buffer.from(text));
    return text;
  }

  /** Learns every id in the rows of the workspace. */
  async learnIds(database: TestDatabase, tables: readonly string[], workspaceId: string): Promise<void> {
    for (const table of tables)
      for (const { row } of await database.asAdmin<{ row: string }>(`SELECT t::text AS row FROM ${table} t WHERE workspace_id = $1`, [
        workspaceId,
      ]))
        for (const id of idsIn(row)) this.#ids.add(id);
  }

  /** What of it stands in `text`, other than what the reader had sent. */
  in(text: string, sent: readonly string[]): string[] {
    const known = new Set(sent.flatMap(idsIn));
    return [...this.#texts.in(text), ...idsIn(text).filter((id) => this.#ids.has(id) && !known.has(id))];
  }
}
