import pg from 'pg';

/** Tables whose row policies show the worker what has expired, and nothing else. */
const PURGED = ['idempotency_records', 'try_counters', 'request_buckets', 'aws_proofs'] as const;
export type Purged = Record<(typeof PURGED)[number], number>;

/** Deletes what has expired, of all workspaces, as `keyhold_worker`. Answers how many rows went, by table. */
export async function purgeExpired(workerUrl: string): Promise<Purged> {
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
    return Object.fromEntries(counts) as Purged;
  } finally {
    await client.end();
  }
}
