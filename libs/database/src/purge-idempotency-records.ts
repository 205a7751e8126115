import pg from 'pg';

/**
 * Deletes the idempotency records that are older than 24 hours, of all workspaces. Runs as `keyhold_worker`, whose row policy
 * shows it nothing else. Answers how many went.
 */
export async function purgeIdempotencyRecords(workerUrl: string): Promise<number> {
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
    return (await client.query('DELETE FROM idempotency_records')).rowCount ?? 0;
  } finally {
    await client.end();
  }
}
