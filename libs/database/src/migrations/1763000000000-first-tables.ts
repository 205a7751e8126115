import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Every tenant table starts its primary key with the workspace, and so does every foreign and unique key: a row cannot point
 * into another workspace, a conflict cannot tell that another workspace has something, and the same schema can be distributed
 * by `workspace_id`. The row policies compare with nullif(…, ''): after a transaction that set it, the setting reads '' on that
 * connection, not NULL.
 */
const TENANT_TABLES = {
  workspaces: 'SELECT, INSERT, UPDATE (name, default_vault_id)',
  tokens: 'SELECT, INSERT, UPDATE (revoked_at)',
  vaults:
    'SELECT, INSERT, UPDATE (name, status, key_health, health_cause, health_region, health_aws_error, health_aws_request_id, health_since, items_per_data_key, data_key_max_age_seconds, data_key_cache_seconds, updated_at)',
  vault_keys: 'SELECT, INSERT',
  data_keys: 'SELECT, INSERT',
  items: 'SELECT, INSERT, UPDATE (name, category, current_version, updated_at), DELETE',
  item_versions: 'SELECT, INSERT, DELETE',
  audit_events: 'SELECT, INSERT',
  idempotency_records: 'SELECT, INSERT',
} as const;

const CREATE = [
  `CREATE TABLE workspaces (
    workspace_id uuid PRIMARY KEY,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    default_vault_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now())`,

  `CREATE TABLE tokens (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    token_id uuid NOT NULL,
    role text NOT NULL,
    name text NOT NULL,
    token_sha256 bytea NOT NULL CHECK (length(token_sha256) = 32),
    mac bytea NOT NULL CHECK (length(mac) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz,
    PRIMARY KEY (workspace_id, token_id),
    UNIQUE (workspace_id, token_sha256))`,

  `CREATE TABLE vaults (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    vault_id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    strategy text NOT NULL,
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled', 'suspended')),
    key_health text NOT NULL DEFAULT 'healthy'
      CHECK (key_health IN ('healthy', 'degraded', 'unreachable', 'refused', 'pending_deletion')),
    health_cause text,
    health_region text,
    health_aws_error text,
    health_aws_request_id text,
    health_since timestamptz NOT NULL DEFAULT now(),
    active_vault_key_id uuid NOT NULL,
    items_per_data_key integer NOT NULL DEFAULT 1000 CHECK (items_per_data_key BETWEEN 1 AND 1048576),
    data_key_max_age_seconds integer NOT NULL DEFAULT 86400 CHECK (data_key_max_age_seconds BETWEEN 60 AND 31536000),
    data_key_cache_seconds integer NOT NULL DEFAULT 60 CHECK (data_key_cache_seconds BETWEEN 0 AND 300),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, vault_id))`,
  `CREATE UNIQUE INDEX vaults_name_key ON vaults (workspace_id, lower(name))`,
  `ALTER TABLE workspaces ADD CONSTRAINT workspaces_default_vault_fkey
    FOREIGN KEY (workspace_id, default_vault_id) REFERENCES vaults DEFERRABLE INITIALLY DEFERRED`,

  `CREATE TABLE vault_keys (
    workspace_id uuid NOT NULL,
    vault_id uuid NOT NULL,
    vault_key_id uuid NOT NULL,
    strategy text NOT NULL,
    config text NOT NULL CHECK (length(config) <= 16384),
    mac bytea NOT NULL CHECK (length(mac) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, vault_id, vault_key_id),
    FOREIGN KEY (workspace_id, vault_id) REFERENCES vaults)`,
  `ALTER TABLE vaults ADD CONSTRAINT vaults_active_key_fkey
    FOREIGN KEY (workspace_id, vault_id, active_vault_key_id) REFERENCES vault_keys DEFERRABLE INITIALLY DEFERRED`,

  `CREATE TABLE data_keys (
    workspace_id uuid NOT NULL,
    vault_id uuid NOT NULL,
    data_key_id uuid NOT NULL,
    vault_key_id uuid NOT NULL,
    wrapped bytea NOT NULL CHECK (length(wrapped) BETWEEN 32 AND 1024),
    mac bytea NOT NULL CHECK (length(mac) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, data_key_id),
    UNIQUE (workspace_id, vault_id, data_key_id),
    FOREIGN KEY (workspace_id, vault_id, vault_key_id) REFERENCES vault_keys)`,
  `CREATE INDEX data_keys_vault_key ON data_keys (workspace_id, vault_id, vault_key_id)`,

  `CREATE TABLE items (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    item_id uuid NOT NULL,
    vault_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('account', 'secret')),
    category text,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    current_version integer NOT NULL CHECK (current_version > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, item_id),
    FOREIGN KEY (workspace_id, vault_id) REFERENCES vaults)`,
  `CREATE INDEX items_vault ON items (workspace_id, vault_id)`,

  `CREATE TABLE item_versions (
    workspace_id uuid NOT NULL,
    item_id uuid NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    vault_id uuid NOT NULL,
    data_key_id uuid NOT NULL,
    salt bytea NOT NULL,
    iv bytea NOT NULL,
    ciphertext bytea NOT NULL,
    tag bytea NOT NULL,
    commitment bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, item_id, version),
    FOREIGN KEY (workspace_id, item_id) REFERENCES items,
    FOREIGN KEY (workspace_id, vault_id, data_key_id) REFERENCES data_keys (workspace_id, vault_id, data_key_id))`,
  `CREATE INDEX item_versions_data_key ON item_versions (workspace_id, vault_id, data_key_id)`,

  `CREATE TABLE audit_events (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    event_id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    type text NOT NULL,
    principal_kind text NOT NULL,
    principal_role text NOT NULL,
    principal_id text NOT NULL,
    principal_name text NOT NULL,
    request_id text NOT NULL,
    source_address text NOT NULL,
    vault_id uuid,
    item_id uuid,
    item_version integer,
    region text,
    kms_request_id text,
    calls jsonb,
    details jsonb,
    PRIMARY KEY (workspace_id, event_id))`,
  `CREATE INDEX audit_events_newest ON audit_events (workspace_id, at DESC, event_id DESC)`,

  `CREATE TABLE idempotency_records (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    principal_id text NOT NULL,
    idempotency_key text NOT NULL CHECK (length(idempotency_key) BETWEEN 1 AND 255),
    request_digest bytea NOT NULL CHECK (length(request_digest) = 32),
    sealed_result bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, principal_id, idempotency_key))`,
  `CREATE INDEX idempotency_records_age ON idempotency_records (created_at)`,

  // One customer key may not protect two workspaces. The only table without a workspace: its two columns are HMACs under a key
  // that the database does not have, so that reading it tells nothing about who holds which key.
  `CREATE TABLE key_claims (
    key_hmac bytea PRIMARY KEY CHECK (length(key_hmac) = 32),
    holder_hmac bytea NOT NULL CHECK (length(holder_hmac) = 32))`,
];

export class FirstTables1763000000000 implements MigrationInterface {
  name = 'FirstTables1763000000000';

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
    await queries.query(`GRANT SELECT, INSERT ON key_claims TO keyhold_app`);
    // The worker sees what has expired, in all workspaces, and nothing else.
    for (const command of ['SELECT', 'DELETE']) {
      await queries.query(`CREATE POLICY expired_${command.toLowerCase()} ON idempotency_records FOR ${command} TO keyhold_worker
        USING (created_at < now() - interval '24 hours')`);
    }
    await queries.query(`GRANT SELECT (created_at), DELETE ON idempotency_records TO keyhold_worker`);
    await queries.query(`GRANT SELECT ON migrations TO keyhold_app, keyhold_worker`);
  }

  async down(queries: QueryRunner): Promise<void> {
    await queries.query(`ALTER TABLE workspaces DROP CONSTRAINT workspaces_default_vault_fkey`);
    await queries.query(`ALTER TABLE vaults DROP CONSTRAINT vaults_active_key_fkey`);
    const tables = ['key_claims', ...Object.keys(TENANT_TABLES).reverse()];
    for (const table of tables) await queries.query(`DROP TABLE ${table}`);
  }
}
