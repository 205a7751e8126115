import { randomUUID } from 'node:crypto';
import type { Statement } from '#audit';

export const NODE_KINDS = ['api', 'worker'] as const;
export type NodeKind = (typeof NODE_KINDS)[number];

/** Between two signs of life. */
export const BEAT_MS = 1_000;
/** Who was silent for so long is gone. */
export const GONE_AFTER_SECONDS = 5;

/** Registers, too: a process that was taken for gone comes back. */
const BEAT_API: Statement = {
  name: 'node-beat-api',
  text: `INSERT INTO nodes (node_id, kind) VALUES ($1, 'api')
    ON CONFLICT (node_id) DO UPDATE SET heartbeat_at = clock_timestamp()`,
};
const BEAT_WORKER: Statement = {
  name: 'node-beat-worker',
  text: `INSERT INTO nodes (node_id, kind, queue_lock) VALUES ($1, 'worker', $2)
    ON CONFLICT (node_id) DO UPDATE SET heartbeat_at = clock_timestamp(), queue_lock = excluded.queue_lock`,
};
const LEAVE: Statement = { name: 'node-leave', text: `DELETE FROM nodes WHERE node_id = $1` };

const LIVE: Statement = {
  name: 'node-live',
  text: `SELECT node_id, kind, started_at FROM nodes
    WHERE kind = $1 AND heartbeat_at > clock_timestamp() - interval '${GONE_AFTER_SECONDS} seconds' ORDER BY started_at, node_id`,
};

/** A worker has a moment between its first lock and the sign of life that tells of it. */
const LOCK_UNTOLD_SECONDS = 3;
const IS_GONE = `n.heartbeat_at < clock_timestamp() - interval '${GONE_AFTER_SECONDS} seconds'`;

/** Also frees locks whose holder nobody knows of, so that none outlives a failure between locking and telling. Then all workers look. */
const BURY: Statement = {
  name: 'node-bury',
  text: `WITH gone AS (DELETE FROM nodes n WHERE ${IS_GONE} RETURNING n.kind),
    orphaned AS (
      SELECT DISTINCT j.locked_by FROM graphile_worker.jobs j
      WHERE j.locked_at < clock_timestamp() - interval '${LOCK_UNTOLD_SECONDS} seconds'
        AND NOT EXISTS (SELECT FROM nodes n WHERE n.queue_lock = j.locked_by AND NOT ${IS_GONE})),
    freed AS (
      SELECT graphile_worker.force_unlock_workers(array_agg(locked_by)), pg_notify('jobs:insert', '{"count":1000}')
      FROM orphaned HAVING count(*) > 0)
    SELECT (SELECT count(*)::integer FROM gone) AS gone, (SELECT count(*)::integer FROM orphaned) AS orphaned,
      (SELECT count(*)::integer FROM freed) AS freed`,
};

/** Either door to the database: what each sees of the processes is for its role to say. */
export interface NodeTable {
  ask<Row extends Record<string, unknown>>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
}

export interface LiveNode {
  nodeId: string;
  kind: NodeKind;
  startedAt: Date;
}

/** This process among all that work on the database. */
export class OwnNode {
  readonly id = randomUUID();
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> = Promise.resolve();
  #hasLeft = false;

  constructor(
    private readonly table: NodeTable,
    private readonly kind: NodeKind,
    /** Under what name it locks tasks of the queue at the moment. */
    private readonly queueLock: () => string | null = () => null,
    /** Told when a sign of life could not be given; the next one follows all the same. */
    private readonly onFailure: (error: unknown) => void = () => undefined,
  ) {}

  /** The first sign of life, and all that follow. One that cannot be given ends nothing. */
  async join(): Promise<void> {
    await this.#beat().catch(this.onFailure);
    this.#schedule();
  }

  async #beat(): Promise<void> {
    if (this.kind === 'api') await this.table.ask(BEAT_API, [this.id]);
    else await this.table.ask(BEAT_WORKER, [this.id, this.queueLock()]);
  }

  /** Says good-bye, so that nobody waits for this process; one that cannot is found to be gone. */
  async leave(): Promise<void> {
    this.#hasLeft = true;
    clearTimeout(this.#timer);
    await this.#beating;
    await this.table.ask(LEAVE, [this.id]).catch(this.onFailure);
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      this.#beating = this.#beat()
        .catch(this.onFailure)
        .then(() => {
          if (!this.#hasLeft) this.#schedule();
        });
    }, BEAT_MS).unref();
  }
}

export async function liveNodes(table: NodeTable, kind: NodeKind): Promise<LiveNode[]> {
  const rows = await table.ask<{ node_id: string; kind: NodeKind; started_at: Date }>(LIVE, [kind]);
  return rows.map(({ node_id: nodeId, kind, started_at: startedAt }) => ({ nodeId, kind, startedAt }));
}

/** Takes the processes that are gone off the list and frees the tasks that they had locked, for others to go on. For workers. */
export async function buryGoneNodes(table: NodeTable): Promise<{ gone: number; orphaned: number }> {
  const [{ gone, orphaned } = { gone: 0, orphaned: 0 }] = await table.ask<{ gone: number; orphaned: number }>(BURY);
  return { gone, orphaned };
}
