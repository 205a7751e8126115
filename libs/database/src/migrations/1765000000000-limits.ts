import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Counters that belong to no workspace, since who is counted may have none: their keys are HMACs under a key that the database
 * does not have. The service sees all of them; the worker only those that count no longer.
 */
const CREATE = [
  `CREATE TABLE try_counters (
    key_hmac bytea PRIMARY KEY CHECK (length(key_hmac) = 32),
    tries timestamptz[] NOT NULL,
    tries_max integer NOT NULL CHECK (tries_max > 0),
    seconds integer NOT NULL CHECK (seconds > 0),
    expires_at timestamptz NOT NULL)`,
  `CREATE INDEX try_counters_expired ON try_counters (expires_at)`,
  `ALTER TABLE try_counters ENABLE ROW LEVEL SECURITY`,
  `ALTER TABLE try_counters FORCE ROW LEVEL SECURITY`,
  `CREATE POLICY counted ON try_counters TO keyhold_app USING (true) WITH CHECK (true)`,
  `GRANT SELECT, INSERT, UPDATE (tries, tries_max, seconds, expires_at) ON try_counters TO keyhold_app`,
  `CREATE POLICY expired ON try_counters TO keyhold_worker USING (expires_at < now())`,
  `GRANT SELECT (expires_at), DELETE ON try_counters TO keyhold_worker`,
];

export class Limits1765000000000 implements MigrationInterface {
  name = 'Limits1765000000000';

  async up(queries: QueryRunner): Promise<void> {
    for (const statement of CREATE) await queries.query(statement);
  }

  async down(queries: QueryRunner): Promise<void> {
    await queries.query(`DROP TABLE try_counters`);
  }
}
