import type { MigrationInterface, QueryRunner } from 'typeorm';

const OWN_WORKSPACE = `workspace_id = nullif(current_setting('keyhold.workspace_id', true), '')::uuid`;

/**
 * A vault has one key that is active and may have others that were. `data_key_wraps` keeps, for a while, the wraps that a move to
 * another key replaced: whoever has the key that was left can go back without the new one. The worker sees vault keys whose wraps
 * are not to be kept any longer, of all workspaces; it deletes them as the service does.
 *
 * Versions of an item are replaced by the same ones sealed for another vault, and data keys by the same ones wrapped by another
 * key: what may be written of a row is what that takes.
 */
const UP = [
  `ALTER TABLE vault_keys ADD COLUMN retired_at timestamptz, ADD COLUMN undo_until timestamptz`,
  `GRANT UPDATE (retired_at, undo_until) ON vault_keys TO keyhold_app`,
  `GRANT UPDATE (active_vault_key_id) ON vaults TO keyhold_app`,
  `GRANT UPDATE (vault_key_id, wrapped, mac) ON data_keys TO keyhold_app`,
  `GRANT UPDATE (vault_id) ON items TO keyhold_app`,
  `GRANT UPDATE (vault_id, data_key_id, salt, iv, ciphertext, tag, commitment) ON item_versions TO keyhold_app`,
  // One step of a move reads the items of a vault in this order.
  `DROP INDEX items_vault`,
  `CREATE INDEX items_vault ON items (workspace_id, vault_id, item_id)`,

  `CREATE TABLE data_key_wraps (
    workspace_id uuid NOT NULL,
    vault_id uuid NOT NULL,
    data_key_id uuid NOT NULL,
    vault_key_id uuid NOT NULL,
    wrapped bytea NOT NULL CHECK (length(wrapped) BETWEEN 32 AND 1024),
    mac bytea NOT NULL CHECK (length(mac) = 32),
    kept_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, data_key_id, vault_key_id),
    FOREIGN KEY (workspace_id, vault_id, data_key_id) REFERENCES data_keys (workspace_id, vault_id, data_key_id),
    FOREIGN KEY (workspace_id, vault_id, vault_key_id) REFERENCES vault_keys)`,
  `CREATE INDEX data_key_wraps_vault_key ON data_key_wraps (workspace_id, vault_id, vault_key_id)`,
  `ALTER TABLE data_key_wraps ENABLE ROW LEVEL SECURITY`,
  `ALTER TABLE data_key_wraps FORCE ROW LEVEL SECURITY`,
  `CREATE POLICY own_workspace ON data_key_wraps TO keyhold_app USING (${OWN_WORKSPACE}) WITH CHECK (${OWN_WORKSPACE})`,
  `GRANT SELECT, INSERT, DELETE ON data_key_wraps TO keyhold_app`,

  // One thing at a time is moved in a vault: two would wait for each other's data keys, and undo what the other does.
  `CREATE UNIQUE INDEX jobs_one_move ON jobs (workspace_id, vault_id)
    WHERE kind IN ('items.move', 'vault.evacuation', 'vault.rekey') AND state IN ('queued', 'running', 'paused')`,

  `CREATE POLICY left_behind ON vault_keys FOR SELECT TO keyhold_worker USING (undo_until < now())`,
  `GRANT SELECT (workspace_id, vault_id, vault_key_id, undo_until) ON vault_keys TO keyhold_worker`,
];

const DOWN = [
  `DROP INDEX jobs_one_move`,
  `DROP TABLE data_key_wraps`,
  `DROP POLICY left_behind ON vault_keys`,
  `REVOKE SELECT (workspace_id, vault_id, vault_key_id, undo_until) ON vault_keys FROM keyhold_worker`,
  `ALTER TABLE vault_keys DROP COLUMN retired_at, DROP COLUMN undo_until`,
  `REVOKE UPDATE (active_vault_key_id) ON vaults FROM keyhold_app`,
  `REVOKE UPDATE (vault_key_id, wrapped, mac) ON data_keys FROM keyhold_app`,
  `REVOKE UPDATE (vault_id) ON items FROM keyhold_app`,
  `REVOKE UPDATE (vault_id, data_key_id, salt, iv, ciphertext, tag, commitment) ON item_versions FROM keyhold_app`,
];

export class Moving1775000000000 implements MigrationInterface {
  name = 'Moving1775000000000';

  async up(queries: QueryRunner): Promise<void> {
    for (const statement of UP) await queries.query(statement);
  }

  async down(queries: QueryRunner): Promise<void> {
    for (const statement of DOWN) await queries.query(statement);
  }
}
