import pg from 'pg';
import { type PurgedBoxes, purgeBoxes } from './purge-boxes.js';

/** Tables whose row policies show the worker what has expired, and nothing else. */
const PURGED = [
  'idempotency_records',
  'try_counters',
  'request_buckets',
  'aws_proofs',
  'sessions',
  'setup_links',
  'data_key_purge_orders',
  'vault_health_history',
  'alert_deliveries',
] as const;
type PurgedRows = Record<(typeof PURGED)[number], number>;
export type Purged = PurgedRows & PurgedBoxes;

/** Rows of one box that one transaction deletes at most: others wait for no more than these, and a crash undoes no more. */
const ROWS_AT_ONCE = 1_000;

/** Deletes what has expired, of all workspaces, as `keyhold_worker`. Answers how many rows went, by table. */
export async function purgeExpired(workerUrl: string, { rowsAtOnce = ROWS_AT_ONCE } = {}): Promise<Purged> {
  const client = new pg.Client({
    connectionString: workerUrl,
    application_name: 'keyhold-worker',
    connectionTimeoutMillis: 2_000,
    statement_timeout: 60_000,
    query_timeout: 65_000, // nobody else would notice a server that does not answer any more
    keepAlive: true,
  });
  client.on('error', () => undefined); // the query under way tells; without a listener a lost connection would end the process
  await client.connect();
  try {
    const counts: [string, number][] = [];
    for (const table of PURGED) counts.push([table, (await client.query(`DELETE FROM ${table}`)).rowCount ?? 0]);
    return { ...(Object.fromEntries(counts) as PurgedRows), ...(await purgeBoxes(client, rowsAtOnce)) };
  } finally {
    await client.end();
  }
}
