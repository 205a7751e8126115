import type { MigrationInterface, QueryRunner } from 'typeorm';

const OWN_WORKSPACE = `workspace_id = nullif(current_setting('keyhold.workspace_id', true), '')::uuid`;

const TENANT_TABLES = {
  webhook_endpoints: 'SELECT, INSERT, UPDATE, DELETE',
  alert_settings: 'SELECT, INSERT, UPDATE',
  alert_outbox: 'SELECT, INSERT, DELETE',
  alert_deliveries:
    'SELECT, INSERT, UPDATE (state, attempts, next_attempt_at, last_attempt_at, claimed_until, response_status, failure, finished_at)',
} as const;

/**
 * `webhook_endpoints` and `alert_settings`: who is told, with a MAC over where that is. `alert_outbox`: events of which somebody may
 * have to be told, written in the commit of the event. `alert_deliveries`: one event for one receiver, tried until it arrives.
 *
 * The worker's own role sees, of all workspaces, that something is to be told and when, and nothing of what; it deletes deliveries
 * after 30 days. For metrics it counts vault keys by strategy and health.
 */
const UP = [
  `CREATE TABLE webhook_endpoints (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    endpoint_id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    url text NOT NULL CHECK (length(url) <= 2048),
    event_types text[] NOT NULL,
    is_enabled boolean NOT NULL,
    secret_sealed bytea NOT NULL,
    previous_secret_sealed bytea,
    previous_secret_until timestamptz,
    failing_since timestamptz,
    mac bytea NOT NULL CHECK (length(mac) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, endpoint_id),
    CHECK ((previous_secret_sealed IS NULL) = (previous_secret_until IS NULL)))`,

  `CREATE TABLE alert_settings (
    workspace_id uuid PRIMARY KEY REFERENCES workspaces,
    emails text[] NOT NULL,
    event_types text[] NOT NULL,
    mac bytea NOT NULL CHECK (length(mac) = 32),
    updated_at timestamptz NOT NULL DEFAULT now())`,

  `CREATE TABLE alert_outbox (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    event_id uuid NOT NULL,
    PRIMARY KEY (workspace_id, event_id))`,

  `CREATE TABLE alert_deliveries (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    delivery_id uuid NOT NULL,
    event_id uuid NOT NULL,
    event_type text NOT NULL,
    channel text NOT NULL CHECK (channel IN ('webhook', 'email')),
    endpoint_id uuid,
    email text,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL,
    last_attempt_at timestamptz,
    claimed_until timestamptz,
    response_status integer,
    failure text,
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    PRIMARY KEY (workspace_id, delivery_id),
    CHECK ((channel = 'webhook') = (endpoint_id IS NOT NULL) AND (channel = 'email') = (email IS NOT NULL)),
    FOREIGN KEY (workspace_id, endpoint_id) REFERENCES webhook_endpoints ON DELETE CASCADE)`,
  `CREATE INDEX alert_deliveries_due ON alert_deliveries (next_attempt_at) WHERE state = 'waiting'`,
  `CREATE INDEX alert_deliveries_endpoint ON alert_deliveries (workspace_id, endpoint_id, created_at DESC, delivery_id DESC)`,
  `CREATE INDEX alert_deliveries_age ON alert_deliveries (created_at)`,

  ...Object.entries(TENANT_TABLES).flatMap(([table, rights]) => [
    `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
    `ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`,
    `CREATE POLICY own_workspace ON ${table} TO keyhold_app USING (${OWN_WORKSPACE}) WITH CHECK (${OWN_WORKSPACE})`,
    `GRANT ${rights} ON ${table} TO keyhold_app`,
  ]),

  `CREATE POLICY to_tell ON alert_outbox FOR SELECT TO keyhold_worker USING (true)`,
  `GRANT SELECT (workspace_id) ON alert_outbox TO keyhold_worker`,
  `CREATE POLICY waiting ON alert_deliveries FOR SELECT TO keyhold_worker USING (state = 'waiting')`,
  `CREATE POLICY expired ON alert_deliveries FOR DELETE TO keyhold_worker USING (created_at < now() - interval '30 days')`,
  `GRANT SELECT (workspace_id, delivery_id, channel, endpoint_id, state, attempts, next_attempt_at, claimed_until), DELETE
    ON alert_deliveries TO keyhold_worker`,

  `CREATE POLICY counted ON vaults FOR SELECT TO keyhold_worker USING (true)`,
  `GRANT SELECT (workspace_id, vault_id, active_vault_key_id) ON vaults TO keyhold_worker`,
  `CREATE POLICY counted ON vault_keys FOR SELECT TO keyhold_worker USING (true)`,
  `GRANT SELECT (workspace_id, vault_id, vault_key_id, strategy, key_health) ON vault_keys TO keyhold_worker`,
  `CREATE POLICY paused_jobs ON jobs FOR SELECT TO keyhold_worker USING (state = 'paused')`,
  `GRANT SELECT (kind, total, done, failed) ON jobs TO keyhold_worker`,
];

export class Alerts1774000000000 implements MigrationInterface {
  name = 'Alerts1774000000000';

  async up(queries: QueryRunner): Promise<void> {
    for (const statement of UP) await queries.query(statement);
  }

  async down(queries: QueryRunner): Promise<void> {
    await queries.query(`REVOKE SELECT (kind, total, done, failed) ON jobs FROM keyhold_worker`);
    await queries.query(`DROP POLICY paused_jobs ON jobs`);
    await queries.query(`REVOKE SELECT (workspace_id, vault_id, vault_key_id, strategy, key_health) ON vault_keys FROM keyhold_worker`);
    await queries.query(`REVOKE SELECT (workspace_id, vault_id, active_vault_key_id) ON vaults FROM keyhold_worker`);
    for (const table of ['vaults', 'vault_keys']) await queries.query(`DROP POLICY counted ON ${table}`);
    for (const table of Object.keys(TENANT_TABLES).reverse()) await queries.query(`DROP TABLE ${table}`);
  }
}
