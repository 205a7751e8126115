import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Vaults can be deleted, and the keys that the service makes for them have a beginning and an end that can each break off.
 *
 * `managed_keys` has a row while something remains to be done about such a key: from before it is asked for until its vault is
 * stored, and from the commit that deletes the vault until the key is gone. It decides nothing about a key: what a key was made
 * for stands in its tags, and whether a vault still needs it in `vault_keys`.
 *
 * `given_out`: whether anything was sealed under the data key for callers who keep it themselves. Nobody can know any more what
 * of that is still needed, so that such a data key is kept for ever; of those that are there already it is not known.
 */
const UP = [
  `CREATE TABLE managed_keys (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    vault_key_id uuid NOT NULL,
    vault_id uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('creating', 'tidying', 'ending', 'ended')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    tries integer NOT NULL DEFAULT 1,
    fence bigint NOT NULL DEFAULT 1,
    claimed_until timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    settings jsonb,
    config text CHECK (length(config) <= 16384),
    mac bytea CHECK (length(mac) = 32),
    pending_days integer CHECK (pending_days BETWEEN 7 AND 30),
    ends_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, vault_key_id),
    CHECK ((state IN ('ending', 'ended')) = (num_nonnulls(config, mac, pending_days) = 3)),
    CHECK ((state = 'ended') = (ends_at IS NOT NULL)))`,
  `CREATE UNIQUE INDEX managed_keys_creating_name ON managed_keys (workspace_id, lower(name)) WHERE state = 'creating'`,
  `CREATE INDEX managed_keys_vault ON managed_keys (workspace_id, vault_id)`,
  `CREATE INDEX managed_keys_due ON managed_keys (due_at)`,
  `ALTER TABLE managed_keys ENABLE ROW LEVEL SECURITY`,
  `ALTER TABLE managed_keys FORCE ROW LEVEL SECURITY`,
  `CREATE POLICY own_workspace ON managed_keys TO keyhold_app
    USING (workspace_id = nullif(current_setting('keyhold.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = nullif(current_setting('keyhold.workspace_id', true), '')::uuid)`,
  `GRANT SELECT, INSERT, DELETE, UPDATE ON managed_keys TO keyhold_app`,
  // The worker learns in which workspaces something is due, and nothing more.
  `CREATE POLICY due ON managed_keys FOR SELECT TO keyhold_worker USING (due_at < now() AND claimed_until < now())`,
  `GRANT SELECT (workspace_id, due_at, claimed_until) ON managed_keys TO keyhold_worker`,

  // What was done stays on record when its vault goes; a vault with open jobs does not go.
  `ALTER TABLE jobs DROP CONSTRAINT jobs_workspace_id_vault_id_fkey`,

  `ALTER TABLE data_keys ADD COLUMN given_out boolean NOT NULL DEFAULT true`,
  `GRANT UPDATE (given_out), DELETE ON data_keys TO keyhold_app`,
  `GRANT DELETE ON vaults, vault_keys TO keyhold_app`,
];

const DOWN = [
  `REVOKE DELETE ON vaults, vault_keys FROM keyhold_app`,
  `REVOKE UPDATE (given_out), DELETE ON data_keys FROM keyhold_app`,
  `ALTER TABLE data_keys DROP COLUMN given_out`,
  `ALTER TABLE jobs ADD FOREIGN KEY (workspace_id, vault_id) REFERENCES vaults NOT VALID`,
  `DROP TABLE managed_keys`,
];

export class ManagedKeys1772000000000 implements MigrationInterface {
  name = 'ManagedKeys1772000000000';

  async up(queries: QueryRunner): Promise<void> {
    for (const statement of UP) await queries.query(statement);
  }

  async down(queries: QueryRunner): Promise<void> {
    for (const statement of DOWN) await queries.query(statement);
  }
}
