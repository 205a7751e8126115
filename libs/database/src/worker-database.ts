import pg from 'pg';
import type { Statement } from '#audit';
import { asDatabaseError } from './database-error.js';

export interface WorkerDatabaseOptions {
  /** Of the role keyhold_worker, which sees across workspaces what it must, and can act in none. */
  url: string;
  poolSize: number;
}

/** What concerns no single workspace: the queue, the processes, what is due. */
export class WorkerDatabase {
  /** For the queue, which brings its own statements. */
  readonly pool: pg.Pool;

  constructor({ url, poolSize }: WorkerDatabaseOptions) {
    this.pool = new pg.Pool({
      connectionString: url,
      max: poolSize,
      application_name: 'keyhold-worker',
      connectionTimeoutMillis: 2_000,
      statement_timeout: 10_000,
      query_timeout: 12_000, // nobody else would notice a server that does not answer any more
      idle_in_transaction_session_timeout: 10_000,
      keepAlive: true,
    });
    // A connection that breaks fails its statements and is replaced; without these listeners it would end the process.
    this.pool.on('error', () => undefined);
    this.pool.on('connect', (client) => client.on('error', () => undefined));
  }

  async ask<Row extends pg.QueryResultRow>({ name, text }: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    try {
      return (await this.pool.query<Row>({ name, text, values: [...values] })).rows;
    } catch (error) {
      throw asDatabaseError(error);
    }
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}
