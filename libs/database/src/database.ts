import pg from 'pg';
import type { RequestContext } from '#access';
import { type AuditEvents, type Queries, type Statement, appendEvents } from '#audit';
import { DatabaseError, asDatabaseError } from './database-error.js';
import type { IdempotencyRecords } from './idempotency-records.js';
import { WorkspaceQueries } from './workspace-queries.js';

export interface DatabaseOptions {
  /** Of the service role, which owns nothing. */
  url: string;
  poolSize: number;
}

export interface Acted<Result> {
  /** Plain JSON: it is what a repeat under the same idempotency key is answered. */
  result: Result | Promise<Result>;
  event: AuditEvents;
  /** Called once this very commit is known to have happened: not when the answer of an earlier one stands in for it. */
  committed?: () => unknown;
}

/** Work whose statements are all under way. */
export interface UnderWay<Result> {
  result: Promise<Result>;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The two doors to data. Each opens one transaction in which row-level security sees one workspace, and hands out queries that
 * bind that workspace by themselves. Nothing else reaches the tables.
 */
export class Database {
  readonly #pool: pg.Pool;

  constructor(
    options: DatabaseOptions,
    private readonly records: IdempotencyRecords,
  ) {
    this.#pool = new pg.Pool({
      connectionString: options.url,
      max: options.poolSize,
      pipeline: true,
      application_name: 'keyhold',
      connectionTimeoutMillis: 2_000,
      statement_timeout: 5_000,
      query_timeout: 6_000,
      idle_in_transaction_session_timeout: 10_000,
      keepAlive: true,
      // An answered commit is on disk, whatever the server's default is: no plaintext leaves before its record is durable.
      options: '-c synchronous_commit=on',
    });
    // A connection that breaks, idle or in use, fails its statements and is replaced; without these listeners it would end the process.
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /** Reads in one transaction that cannot write. `work` that answers its result under way takes one round trip, as in `act`. */
  async read<Result>(ctx: Pick<RequestContext, 'workspaceId'>, work: (tx: Queries) => UnderWay<Result> | Promise<Result>): Promise<Result> {
    const client = await this.#connect(ctx);
    const tx = new WorkspaceQueries(client, 'BEGIN READ ONLY', ctx.workspaceId);
    try {
      const given = work(tx);
      if (!(given instanceof Promise)) return await settled(client, tx, given.result);
      const result = await given;
      void endRead(client, tx); // nobody needs to wait for the end of a read
      return result;
    } catch (error) {
      await abandon(client, tx, error);
      throw asDatabaseError(error);
    }
  }

  /**
   * Writes, with the record of who did what in the same commit; acting without an event does not compile. `work` may answer at
   * once and leave its statements under way: then everything up to the commit takes one round trip.
   */
  async act<Result>(ctx: RequestContext, work: (tx: Queries) => Acted<Result> | Promise<Acted<Result>>): Promise<Result> {
    try {
      return await this.#transact(ctx, work);
    } catch (error) {
      // The same request may have come first under its idempotency key, and be the reason: then its answer is ours.
      const won = ctx.idempotency && !isUnavailable(error) ? await this.replay(ctx) : undefined;
      if (won) return won.result as Result;
      throw asDatabaseError(error);
    }
  }

  /** What was answered before to this request under this idempotency key. Throws `idempotency_key_reused` for another request. */
  async replay(ctx: RequestContext): Promise<{ result: unknown } | undefined> {
    return ctx.idempotency ? this.read(ctx, (tx) => this.records.find(tx, ctx)) : undefined;
  }

  /**
   * One statement of a workspace that is nobody's act and leaves no event: when something was last used, that somebody is still
   * at work, and nothing that decides anything.
   */
  async note<Row>(ctx: Pick<RequestContext, 'workspaceId'>, statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    const client = await this.#connect(ctx);
    const tx = new WorkspaceQueries(client, 'BEGIN', ctx.workspaceId);
    try {
      return await settled(client, tx, tx.query<Row>(statement, values));
    } catch (error) {
      await abandon(client, tx, error);
      throw asDatabaseError(error);
    }
  }

  /** Outside any workspace, where no tenant's row is seen: the server, this role, and counters that belong to nobody. */
  async ask<Row extends pg.QueryResultRow>(query: string | Statement, values: readonly unknown[] = []): Promise<Row[]> {
    const { name, text } = typeof query === 'string' ? { name: undefined, text: query } : query;
    try {
      return (await this.#pool.query<Row>({ ...(name && { name }), text, values: [...values] })).rows;
    } catch (error) {
      throw asDatabaseError(error);
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #transact<Result>(ctx: RequestContext, work: (tx: Queries) => Acted<Result> | Promise<Acted<Result>>): Promise<Result> {
    const client = await this.#connect(ctx);
    const tx = new WorkspaceQueries(client, 'BEGIN', ctx.workspaceId);
    let committing = false;
    try {
      const given = work(tx);
      const { result, event, committed } = given instanceof Promise ? await given : given;
      const { statement, values } = appendEvents(ctx, event);
      void tx.query(statement, values).catch(() => undefined); // the commit tells
      if (ctx.idempotency) await this.records.store(tx, ctx, await result);
      committing = true;
      const answer = await settled(client, tx, result);
      committed?.();
      return answer;
    } catch (error) {
      await abandon(client, tx, error);
      throw committing && isUnavailable(error) ? new DatabaseError('outcome_unknown', { cause: error }) : error;
    }
  }

  async #connect({ workspaceId }: { workspaceId: string }): Promise<pg.PoolClient> {
    if (!UUID.test(workspaceId)) throw new TypeError('a workspace id is a lower-case UUID');
    try {
      return await this.#pool.connect();
    } catch (error) {
      throw new DatabaseError('unavailable', { cause: error });
    }
  }
}

/** Commits behind what is under way, waits for all of it and gives the connection back. */
async function settled<Result>(client: pg.PoolClient, tx: WorkspaceQueries, result: Result | Promise<Result>): Promise<Result> {
  const [value] = await Promise.all([result, tx.commit()]);
  client.release();
  return value;
}

async function endRead(client: pg.PoolClient, tx: WorkspaceQueries): Promise<void> {
  try {
    await tx.commit();
    client.release();
  } catch {
    client.release(true);
  }
}

/** Gives the connection back clean. One that broke is closed at once: nothing that is still asked of it would be answered. */
async function abandon(client: pg.PoolClient, tx: WorkspaceQueries, error: unknown): Promise<void> {
  if (isUnavailable(error)) {
    client.release(true);
    return;
  }
  try {
    await tx.rollback();
    client.release();
  } catch {
    client.release(true);
  }
}

/** Whether the connection, and not what was asked over it, is the cause. */
function isUnavailable(error: unknown): boolean {
  const known = asDatabaseError(error);
  return known instanceof DatabaseError && (known.code === 'unavailable' || known.code === 'outcome_unknown');
}
