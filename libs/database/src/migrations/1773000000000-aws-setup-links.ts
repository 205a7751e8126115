import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Links for the customer's AWS administrators, and what came back through them. A link lets its holder in, a proposal names the
 * key that somebody may register: both carry a MAC under a key that the database does not have. The worker sees links that ended
 * 30 days ago, of all workspaces, and deletes them with their proposals.
 */
const TENANT_TABLES = {
  setup_links: 'SELECT, INSERT, UPDATE (revoked_at)',
  setup_proposals: 'SELECT, INSERT, DELETE',
} as const;

const CREATE = [
  `CREATE TABLE setup_links (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    link_id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    shows_workspace_name boolean NOT NULL,
    token_sha256 bytea NOT NULL CHECK (length(token_sha256) = 32),
    mac bytea NOT NULL CHECK (length(mac) = 32),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    PRIMARY KEY (workspace_id, link_id),
    UNIQUE (workspace_id, token_sha256))`,
  `CREATE INDEX setup_links_end ON setup_links (least(revoked_at, expires_at))`,

  `CREATE TABLE setup_proposals (
    workspace_id uuid NOT NULL,
    proposal_id uuid NOT NULL,
    link_id uuid NOT NULL,
    account_id text NOT NULL CHECK (length(account_id) = 12),
    key_id text NOT NULL CHECK (length(key_id) <= 64),
    role_arn text NOT NULL CHECK (length(role_arn) <= 2048),
    source_address text NOT NULL,
    mac bytea NOT NULL CHECK (length(mac) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, proposal_id),
    FOREIGN KEY (workspace_id, link_id) REFERENCES setup_links ON DELETE CASCADE)`,
  `CREATE INDEX setup_proposals_link ON setup_proposals (workspace_id, link_id)`,
];

export class AwsSetupLinks1773000000000 implements MigrationInterface {
  name = 'AwsSetupLinks1773000000000';

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
    await queries.query(`CREATE POLICY ended ON setup_links TO keyhold_worker
      USING (least(revoked_at, expires_at) < now() - interval '30 days')`);
    await queries.query(`GRANT SELECT (revoked_at, expires_at), DELETE ON setup_links TO keyhold_worker`);
  }

  async down(queries: QueryRunner): Promise<void> {
    for (const table of Object.keys(TENANT_TABLES).toReversed()) await queries.query(`DROP TABLE ${table}`);
  }
}
