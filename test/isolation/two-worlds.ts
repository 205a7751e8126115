import type { TestDatabase } from '../harness/database.js';
import { rowsOf } from './tenant-rows.js';

/** How a statement is asked in the shoes of another workspace. */
export interface Trial {
  text: string;
  values: readonly unknown[];
  /** The workspace that the row policies see; without one they do not hold at all. */
  underPoliciesOf?: string;
}

interface Tried {
  answer: string;
  /** Whether rows of the stranger are others than before. */
  changed: boolean;
}

/**
 * The same database twice: as it is, and without one workspace. A statement that another workspace asks must not be able to tell
 * the two apart, nor change a row of the one that is missing in the other.
 */
export class TwoWorlds {
  private constructor(
    private readonly database: TestDatabase,
    private readonly tables: readonly string[],
    /** The workspace that is there in one world alone. */
    private readonly stranger: string,
  ) {}

  /** Remembers everything as it is now: that is what each trial starts from. */
  static async of(database: TestDatabase, tables: readonly string[], stranger: string): Promise<TwoWorlds> {
    await database.asAdmin('CREATE SCHEMA before');
    for (const table of tables) await database.asAdmin(`CREATE TABLE before.${table} AS TABLE public.${table}`);
    return new TwoWorlds(database, tables, stranger);
  }

  /**
   * Of each trial: how the statement told the worlds apart or changed the stranger; undefined when it did neither. Both worlds are
   * in one transaction, so that it is the same time in them; it begins with what is remembered, and leaves nothing.
   */
  async traces(trials: readonly Trial[]): Promise<(string | undefined)[]> {
    const restore = this.tables.map((table) => `DELETE FROM ${table}; INSERT INTO ${table} TABLE before.${table}`);
    const leave = this.tables.map((table) => `DELETE FROM ${table} WHERE workspace_id = '${this.stranger}'`);
    await this.#run('BEGIN', ...pastForeignKeys(restore), 'SAVEPOINT world', ...pastForeignKeys(leave));
    try {
      const alone = await this.#tried(trials);
      await this.#run('ROLLBACK TO world');
      const within = await this.#tried(trials);
      return within.map((here, i) => traceOf(here, alone[i]?.answer));
    } finally {
      await this.#run('ROLLBACK');
    }
  }

  /** No trial sees another one. */
  async #tried(trials: readonly Trial[]): Promise<Tried[]> {
    const tried: Tried[] = [];
    for (const trial of trials) tried.push(await this.#try(trial));
    return tried;
  }

  async #try(trial: Trial): Promise<Tried> {
    const canChange = !/^\s*SELECT\b/.test(trial.text);
    await this.#run('SAVEPOINT trial');
    const before = canChange && (await this.#rowsOfStranger());
    const answer = await this.#ask(trial);
    const after = canChange && (await this.#rowsOfStranger());
    await this.#run('ROLLBACK TO trial', 'RELEASE trial');
    return { answer, changed: before !== after };
  }

  /** Rows as text; of a refusal, its code. Afterwards the administrator is the administrator again. */
  async #ask({ text, values, underPoliciesOf }: Trial): Promise<string> {
    await this.#run('SAVEPOINT statement');
    try {
      if (underPoliciesOf !== undefined)
        await this.#run('SET LOCAL ROLE keyhold_app', `SET LOCAL keyhold.workspace_id = '${underPoliciesOf}'`);
      const rows = await this.database.asAdmin(text, [...values]);
      await this.#run('RESET ROLE');
      return JSON.stringify(rows);
    } catch (error) {
      await this.#run('ROLLBACK TO statement');
      return `error ${String((error as { code?: unknown }).code)}`;
    }
  }

  async #rowsOfStranger(): Promise<string> {
    return JSON.stringify(await rowsOf(this.database, this.tables, this.stranger, { alsoSeen: true }));
  }

  #run(...statements: string[]): Promise<unknown> {
    return this.database.asAdmin(statements.join('; '));
  }
}

function traceOf({ answer, changed }: Tried, alone = ''): string | undefined {
  if (changed) return 'changed rows of the other workspace';
  return answer === alone ? undefined : `answered ${answer.slice(0, 200)}, alone ${alone.slice(0, 200)}`;
}

const pastForeignKeys = (statements: readonly string[]): string[] => [
  'SET LOCAL session_replication_role = replica',
  ...statements,
  'SET LOCAL session_replication_role = origin',
];

const PREDICATE = /(?:\b\w+\.)?\bworkspace_id = (\$1|\w+\.workspace_id)(?![\w.])/g;

/**
 * The statement without its comparisons of a fence, or of a count of attempts, which say when and not whose. One that goes up before
 * each of the calls would keep everybody from the rows as they are remembered, and no wall could be seen behind it.
 */
export const withoutFences = (text: string): string => text.replace(/\bAND (?:fence|attempts) = (\$\d+)/g, 'AND $1::bigint IS NOT NULL');

/** The statement with every comparison of the workspace taken out of it. */
export const withoutPredicates = (text: string): string =>
  text.replace(PREDICATE, (_whole, other: string) => (other === '$1' ? '($1::uuid IS NOT NULL)' : 'true'));
