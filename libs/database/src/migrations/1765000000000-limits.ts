import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Counters that belong to no workspace's rows: their keys are HMACs under a key that the database does not have. The service
 * sees all of them; the worker only those that count no longer.
 */
const CREATE = [
  `CREATE TABLE try_counters (
    key_hmac bytea PRIMARY KEY CHECK (length(key_hmac) = 32),
    tries timestamptz[] NOT NULL,
    tries_max integer NOT NULL CHECK (tries_max > 0),
    seconds integer NOT NULL CHECK (seconds > 0),
    expires_at timestamptz NOT NULL)`,
  `GRANT SELECT, INSERT, UPDATE (tries, tries_max, seconds, expires_at) ON try_counters TO keyhold_app`,
  `GRANT SELECT (expires_at), DELETE ON try_counters TO keyhold_worker`,

  // Unlogged: nobody waits for a disk, and after a crash every bucket is full.
  `CREATE UNLOGGED TABLE request_buckets (
    key_hmac bytea PRIMARY KEY CHECK (length(key_hmac) = 32),
    granted double precision NOT NULL,
    full_at timestamptz NOT NULL) WITH (fillfactor = 50)`,
  `GRANT SELECT, INSERT, UPDATE (granted, full_at) ON request_buckets TO keyhold_app`,
  `GRANT SELECT (full_at), DELETE ON request_buckets TO keyhold_worker`,
];

/** Of each table, the column that says until when a row counts. */
const COUNTS_UNTIL = { try_counters: 'expires_at', request_buckets: 'full_at' } as const;

export class Limits1765000000000 implements MigrationInterface {
  name = 'Limits1765000000000';

  async up(queries: QueryRunner): Promise<void> {
    for (const statement of CREATE) await queries.query(statement);
    for (const [table, until] of Object.entries(COUNTS_UNTIL)) {
      await queries.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
      await queries.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
      await queries.query(`CREATE POLICY counted ON ${table} TO keyhold_app USING (true) WITH CHECK (true)`);
      await queries.query(`CREATE POLICY expired ON ${table} TO keyhold_worker USING (${until} < now())`);
    }
  }

  async down(queries: QueryRunner): Promise<void> {
    for (const table of Object.keys(COUNTS_UNTIL)) await queries.query(`DROP TABLE ${table}`);
  }
}
