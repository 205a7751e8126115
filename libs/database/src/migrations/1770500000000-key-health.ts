import type { MigrationInterface, QueryRunner } from 'typeorm';

const OWN_WORKSPACE = `workspace_id = nullif(current_setting('keyhold.workspace_id', true), '')::uuid`;
const HEALTH = `text NOT NULL CHECK (health IN ('healthy', 'degraded', 'unreachable', 'refused', 'pending_deletion'))`;
/** Kept as it was when this ran: how long the history is may change without this. */
const HISTORY = `interval '90 days'`;

/** Columns that the service changes, per table; all of a new row it writes. */
const CHANGED = {
  vault_probes:
    'next_probe_at, next_external_id_check_at, external_id_proven_at, probed_at, last_used_at, deletion_told_at, claimed_until, fence',
  vault_health: 'health, cause, aws_error, aws_request_id, deletion_date, since, last_good_at, checked_at',
  vault_health_history: null,
};

/**
 * `vault_probes`: when each vault key that is not our own is asked how it is; `vault_health`: how it is in each Region, while
 * `vault_keys` has what decides about seals and unseals; `vault_health_history`: how it was. The worker's own role sees what is
 * due in all workspaces and takes it; what it finds it writes inside the workspace, as the service does.
 */
const CREATE = [
  `CREATE TABLE vault_probes (
    workspace_id uuid NOT NULL,
    vault_id uuid NOT NULL,
    vault_key_id uuid NOT NULL,
    next_probe_at timestamptz NOT NULL DEFAULT now(),
    next_external_id_check_at timestamptz NOT NULL DEFAULT now(),
    external_id_proven_at timestamptz,
    probed_at timestamptz,
    last_used_at timestamptz,
    deletion_told_at timestamptz,
    claimed_until timestamptz,
    fence bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace_id, vault_id, vault_key_id),
    FOREIGN KEY (workspace_id, vault_id, vault_key_id) REFERENCES vault_keys ON DELETE CASCADE)`,
  `CREATE INDEX vault_probes_due ON vault_probes (next_probe_at)`,
  `CREATE INDEX vault_probes_key ON vault_probes (workspace_id, vault_key_id)`,

  `CREATE TABLE vault_health (
    workspace_id uuid NOT NULL,
    vault_id uuid NOT NULL,
    vault_key_id uuid NOT NULL,
    region text NOT NULL CHECK (length(region) BETWEEN 1 AND 64),
    health ${HEALTH},
    cause text,
    aws_error text,
    aws_request_id text,
    deletion_date timestamptz,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_good_at timestamptz,
    checked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (workspace_id, vault_id, vault_key_id, region),
    FOREIGN KEY (workspace_id, vault_id, vault_key_id) REFERENCES vault_keys ON DELETE CASCADE)`,

  `CREATE TABLE vault_health_history (
    workspace_id uuid NOT NULL,
    change_id uuid NOT NULL,
    vault_id uuid NOT NULL,
    vault_key_id uuid NOT NULL,
    region text,
    before text,
    health ${HEALTH},
    cause text,
    aws_error text,
    aws_request_id text,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (workspace_id, change_id),
    FOREIGN KEY (workspace_id, vault_id) REFERENCES vaults ON DELETE CASCADE)`,
  `CREATE INDEX vault_health_history_newest ON vault_health_history (workspace_id, vault_id, change_id DESC)`,
  `CREATE INDEX vault_health_history_age ON vault_health_history (at)`,
];

const LET_WORKER = [
  `CREATE POLICY all_probes ON vault_probes TO keyhold_worker USING (true) WITH CHECK (true)`,
  `GRANT SELECT (workspace_id, vault_id, vault_key_id, next_probe_at, claimed_until, fence), UPDATE (claimed_until, fence)
    ON vault_probes TO keyhold_worker`,
  `CREATE POLICY expired ON vault_health_history TO keyhold_worker USING (at < now() - ${HISTORY})`,
  `GRANT SELECT (at), DELETE ON vault_health_history TO keyhold_worker`,
];

export class KeyHealth1770500000000 implements MigrationInterface {
  name = 'KeyHealth1770500000000';

  async up(queries: QueryRunner): Promise<void> {
    for (const statement of CREATE) await queries.query(statement);
    await probeWhatIsThere(queries);
    for (const [table, changed] of Object.entries(CHANGED)) {
      await queries.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
      await queries.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
      await queries.query(`CREATE POLICY own_workspace ON ${table} TO keyhold_app USING (${OWN_WORKSPACE}) WITH CHECK (${OWN_WORKSPACE})`);
      await queries.query(`GRANT SELECT, INSERT ${changed ? `, UPDATE (${changed}), DELETE` : ''} ON ${table} TO keyhold_app`);
    }
    for (const statement of LET_WORKER) await queries.query(statement);
  }

  async down(queries: QueryRunner): Promise<void> {
    for (const table of Object.keys(CHANGED)) await queries.query(`DROP TABLE ${table}`);
  }
}

/** The owner of the tables is subject to their policies too, and sees no row. */
async function probeWhatIsThere(queries: QueryRunner): Promise<void> {
  await queries.query(`ALTER TABLE vault_keys NO FORCE ROW LEVEL SECURITY`);
  await queries.query(`INSERT INTO vault_probes (workspace_id, vault_id, vault_key_id)
    SELECT workspace_id, vault_id, vault_key_id FROM vault_keys WHERE strategy <> 'default'`);
  await queries.query(`ALTER TABLE vault_keys FORCE ROW LEVEL SECURITY`);
}
