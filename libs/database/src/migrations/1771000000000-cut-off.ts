import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What stops a vault. `data_key_epoch` is part of what a node remembers an open data key by, and read by every seal and unseal:
 * keys of an earlier one are not used any more, whether the node has heard of the purge or not. Orders belong to processes, which
 * work for all workspaces, and hold ids only; the receipts are the workspace's.
 */
const TENANT_TABLES = {
  data_key_purges: 'SELECT, INSERT',
  data_key_purge_receipts: 'SELECT, INSERT (workspace_id, purge_id, node_id), UPDATE (keys_dropped, answered_at)',
} as const;

const CREATE = [
  `ALTER TABLE vaults ADD COLUMN resumes_as text CHECK (resumes_as IN ('active', 'disabled')),
    ADD COLUMN data_key_epoch integer NOT NULL DEFAULT 0 CHECK (data_key_epoch >= 0),
    ADD CONSTRAINT vaults_resumes_as CHECK (resumes_as IS NULL OR status = 'suspended')`,
  `GRANT UPDATE (resumes_as, data_key_epoch) ON vaults TO keyhold_app`,

  // What was done stays on record when its vault goes.
  `CREATE TABLE data_key_purges (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    purge_id uuid NOT NULL,
    vault_id uuid NOT NULL,
    epoch integer NOT NULL,
    cause text NOT NULL CHECK (cause IN ('request', 'suspension', 'settings')),
    ordered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (workspace_id, purge_id))`,
  `CREATE INDEX data_key_purges_vault ON data_key_purges (workspace_id, vault_id, purge_id DESC)`,

  `CREATE TABLE data_key_purge_receipts (
    workspace_id uuid NOT NULL,
    purge_id uuid NOT NULL,
    node_id uuid NOT NULL,
    keys_dropped integer CHECK (keys_dropped >= 0),
    answered_at timestamptz,
    PRIMARY KEY (workspace_id, purge_id, node_id),
    FOREIGN KEY (workspace_id, purge_id) REFERENCES data_key_purges)`,

  `CREATE TABLE data_key_purge_orders (
    node_id uuid NOT NULL,
    purge_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    vault_id uuid NOT NULL,
    epoch integer NOT NULL,
    ordered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (node_id, purge_id))`,
  `GRANT SELECT, INSERT, DELETE ON data_key_purge_orders TO keyhold_app`,
  `CREATE UNIQUE INDEX jobs_one_drill ON jobs (workspace_id, vault_id)
    WHERE kind IN ('drill.region', 'drill.revocation') AND state IN ('queued', 'running', 'paused')`,
  // What nobody is left to obey: no key is open for so long.
  `ALTER TABLE data_key_purge_orders ENABLE ROW LEVEL SECURITY`,
  `ALTER TABLE data_key_purge_orders FORCE ROW LEVEL SECURITY`,
  `CREATE POLICY every_node ON data_key_purge_orders TO keyhold_app USING (true)`,
  `CREATE POLICY expired ON data_key_purge_orders TO keyhold_worker USING (ordered_at < now() - interval '1 hour')`,
  `GRANT SELECT (ordered_at), DELETE ON data_key_purge_orders TO keyhold_worker`,
];

export class CutOff1771000000000 implements MigrationInterface {
  name = 'CutOff1771000000000';

  async up(queries: QueryRunner): Promise<void> {
    for (const statement of CREATE) await queries.query(statement);
    for (const [table, rights] of Object.entries(TENANT_TABLES)) {
      await queries.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
      await queries.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
      await queries.query(`CREATE POLICY own_workspace ON ${table} TO keyhold_app
        USING (workspace_id = nullif(current_setting('keyhold.workspace_id', true), '')::uuid)
        WITH CHECK (workspace_id = nullif(current_setting('keyhold.workspace_id', true), '')::uuid)`);
      await queries.query(`GRANT ${rights} ON ${table} TO keyhold_app`);
    }
  }

  async down(queries: QueryRunner): Promise<void> {
    await queries.query(`DROP INDEX jobs_one_drill`);
    for (const table of ['data_key_purge_orders', 'data_key_purge_receipts', 'data_key_purges']) await queries.query(`DROP TABLE ${table}`);
    await queries.query(`ALTER TABLE vaults DROP CONSTRAINT vaults_resumes_as`);
    for (const column of ['data_key_epoch', 'resumes_as']) await queries.query(`ALTER TABLE vaults DROP COLUMN ${column}`);
  }
}
