import type { Client, QueryResult } from 'pg';
import type { Queries, Statement } from '#audit';

/**
 * One transaction of one workspace. Statements leave at once and are answered in order, so that a caller that does not wait
 * between two of them needs one round trip. `commit` waits for all of them. Nothing is answered outside the transaction: not
 * when it did not begin, and not after its end, when the connection may serve another workspace.
 */
export class WorkspaceQueries implements Queries {
  readonly #issued: Promise<QueryResult>[] = [];
  readonly #begun: Promise<unknown>;
  #hasEnded = false;

  constructor(
    private readonly client: Client,
    kind: 'BEGIN' | 'BEGIN READ ONLY',
    /** Checked: it becomes part of a statement's text. */
    private readonly workspaceId: string,
  ) {
    sendTogether(client);
    // A literal SET LOCAL: ends with the transaction, and is what a distributed PostgreSQL passes on to its nodes.
    this.#begun = this.#issue(client.query(`${kind}; SET LOCAL keyhold.workspace_id = '${workspaceId}'`));
  }

  query<Row>({ name, text }: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    if (this.#hasEnded) return toldLater(Promise.reject(new Error(`${name} was asked after the end of its transaction`)));
    const answer = this.#issue(this.client.query({ name, text, values: [this.workspaceId, ...values] }));
    return toldLater(this.#begun.then(() => answer).then(({ rows }) => rows as Row[]));
  }

  async commit(): Promise<void> {
    this.#hasEnded = true;
    const committed = this.#issue(this.client.query('COMMIT'));
    await Promise.all(this.#issued);
    const { command } = await committed;
    if (command !== 'COMMIT') throw new Error(`the commit was answered with ${command}`);
  }

  /** Ends without effect, once everything under way is answered. */
  async rollback(): Promise<void> {
    this.#hasEnded = true;
    await Promise.allSettled(this.#issued);
    await this.client.query('ROLLBACK');
  }

  #issue(answer: Promise<QueryResult>): Promise<QueryResult> {
    this.#issued.push(answer);
    return toldLater(answer);
  }
}

/** A failure is told by whoever waits, and by `commit`: until then it must not count as unhandled, which would end the process. */
function toldLater<Answer>(answer: Promise<Answer>): Promise<Answer> {
  answer.catch(() => undefined);
  return answer;
}

/** What is issued in this turn of the event loop leaves in one system call instead of one for each statement. */
function sendTogether({ connection: { stream } }: Client): void {
  stream.cork();
  process.nextTick(() => stream.uncork());
}
