import type { MigrationInterface, QueryRunner } from 'typeorm';

const COLUMNS = {
  key_health: `text NOT NULL DEFAULT 'healthy' CHECK (key_health IN ('healthy', 'degraded', 'unreachable', 'refused', 'pending_deletion'))`,
  health_cause: 'text',
  health_region: 'text',
  health_aws_error: 'text',
  health_aws_request_id: 'text',
  health_since: 'timestamptz NOT NULL DEFAULT now()',
};
const NAMES = Object.keys(COLUMNS).join(', ');
const ADD = Object.entries(COLUMNS)
  .map(([column, definition]) => `ADD COLUMN ${column} ${definition}`)
  .join(', ');
const DROP = Object.keys(COLUMNS)
  .map((column) => `DROP COLUMN ${column}`)
  .join(', ');

/**
 * Health belongs to a vault key, and so does its strategy: while a vault moves to another key, some of its data keys stand under
 * each of the two, and what an owner refuses closes no more than what stands under that owner's key.
 */
export class HealthOfVaultKeys1769000000000 implements MigrationInterface {
  name = 'HealthOfVaultKeys1769000000000';

  async up(queries: QueryRunner): Promise<void> {
    await queries.query(`ALTER TABLE vault_keys ${ADD}`);
    await overAllWorkspaces(
      queries,
      `UPDATE vault_keys k SET (${NAMES}) = (SELECT ${NAMES} FROM vaults v
        WHERE v.workspace_id = k.workspace_id AND v.vault_id = k.vault_id)`,
    );
    await queries.query(`ALTER TABLE vaults DROP COLUMN strategy, ${DROP}`);
    await queries.query(`GRANT UPDATE (${NAMES}) ON vault_keys TO keyhold_app`);
  }

  async down(queries: QueryRunner): Promise<void> {
    await queries.query(`ALTER TABLE vaults ADD COLUMN strategy text, ${ADD}`);
    await overAllWorkspaces(
      queries,
      `UPDATE vaults v SET (strategy, ${NAMES}) = (SELECT strategy, ${NAMES} FROM vault_keys k
        WHERE k.workspace_id = v.workspace_id AND k.vault_id = v.vault_id AND k.vault_key_id = v.active_vault_key_id)`,
    );
    await queries.query(`ALTER TABLE vaults ALTER COLUMN strategy SET NOT NULL`);
    await queries.query(`ALTER TABLE vault_keys ${DROP}`);
    await queries.query(`GRANT UPDATE (${NAMES}) ON vaults TO keyhold_app`);
  }
}

/** The owner of the tables is subject to their policies too, and sees no row. */
async function overAllWorkspaces(queries: QueryRunner, statement: string): Promise<void> {
  for (const table of ['vaults', 'vault_keys']) await queries.query(`ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY`);
  await queries.query(statement);
  for (const table of ['vaults', 'vault_keys']) await queries.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
}
