import { Logger, runMigrations } from 'graphile-worker';
import type { DataSource } from 'typeorm';

/** Prints nothing: what went wrong is thrown. */
export const SILENT = new Logger(() => () => undefined);

/**
 * Brings the queue's own schema to this version, as the role that owns the database, and lets the worker's role work with it but
 * not change it. Its tables are under row-level security, for which the worker has policies and nobody else. Safe to repeat.
 */
export async function installQueue(source: DataSource, ownerUrl: string): Promise<void> {
  await runMigrations({ connectionString: ownerUrl, maxPoolSize: 1, logger: SILENT });
  await source.query(`GRANT USAGE ON SCHEMA graphile_worker TO keyhold_worker`);
  await source.query(`GRANT SELECT ON graphile_worker.migrations, graphile_worker.jobs TO keyhold_worker`);
  const tables = await source.query<{ name: string; has_policy: boolean }[]>(OWN_TABLES);
  for (const { name, has_policy } of tables) {
    await source.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON graphile_worker.${name} TO keyhold_worker`);
    await source.query(`ALTER TABLE graphile_worker.${name} ENABLE ROW LEVEL SECURITY`);
    if (!has_policy) await source.query(`CREATE POLICY worker ON graphile_worker.${name} TO keyhold_worker USING (true)`);
  }
}

const OWN_TABLES = `SELECT quote_ident(c.relname) AS name,
    EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'worker') AS has_policy
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'graphile_worker' AND c.relkind = 'r' AND c.relname <> 'migrations'`;
