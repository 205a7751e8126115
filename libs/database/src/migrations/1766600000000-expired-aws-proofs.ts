import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The worker sees signatures that nobody takes any more, of all workspaces, and deletes them. */
export class ExpiredAwsProofs1766600000000 implements MigrationInterface {
  name = 'ExpiredAwsProofs1766600000000';

  async up(queries: QueryRunner): Promise<void> {
    await queries.query(`CREATE POLICY expired ON aws_proofs TO keyhold_worker USING (expires_at < now())`);
    await queries.query(`GRANT SELECT (expires_at), DELETE ON aws_proofs TO keyhold_worker`);
  }

  async down(queries: QueryRunner): Promise<void> {
    await queries.query(`REVOKE ALL ON aws_proofs FROM keyhold_worker`);
    await queries.query(`DROP POLICY expired ON aws_proofs`);
  }
}
