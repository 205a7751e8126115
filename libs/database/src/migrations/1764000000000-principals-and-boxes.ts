import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Who may do what: people, keys of services, sessions, groups, and boxes with their grants. Rows that decide who gets in carry a
 * MAC under a key that the database does not have.
 */
const TENANT_TABLES = {
  members:
    'SELECT, INSERT, DELETE, UPDATE (email, name, role, status, password_hash, totp_sealed, totp_last_step, recovery_codes, invitation_sha256, invitation_expires_at, mac, updated_at)',
  identity_providers: 'SELECT, INSERT, DELETE, UPDATE (name, client_id, client_secret_sealed, groups_claim, mac, updated_at)',
  member_identities: 'SELECT, INSERT, DELETE',
  groups: 'SELECT, INSERT, DELETE',
  group_members: 'SELECT, INSERT, DELETE',
  api_keys: 'SELECT, INSERT, UPDATE (last_used_at, revoked_at)',
  sessions: 'SELECT, INSERT, UPDATE (confirmed_at, ended_at)',
  boxes: 'SELECT, INSERT, UPDATE (name, description, updated_at, deleted_at)',
  box_grants: 'SELECT, INSERT, DELETE, UPDATE (role, mac)',
  aws_proofs: 'SELECT, INSERT, UPDATE (uses)',
} as const;

const CREATE = [
  `CREATE TABLE members (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    member_id uuid NOT NULL,
    email text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    role text NOT NULL CHECK (role IN ('owner', 'super_admin', 'admin', 'user')),
    status text NOT NULL CHECK (status IN ('invited', 'active', 'suspended')),
    password_hash text CHECK (length(password_hash) <= 512),
    totp_sealed bytea,
    totp_last_step bigint,
    recovery_codes bytea[] NOT NULL DEFAULT '{}' CHECK (cardinality(recovery_codes) <= 16),
    invitation_sha256 bytea CHECK (length(invitation_sha256) = 32),
    invitation_expires_at timestamptz,
    mac bytea NOT NULL CHECK (length(mac) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, member_id),
    UNIQUE (workspace_id, email))`,
  // Never two; that there is always one is kept by the acts that change roles.
  `CREATE UNIQUE INDEX members_one_owner ON members (workspace_id) WHERE role = 'owner'`,

  `CREATE TABLE identity_providers (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    provider_id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    issuer text NOT NULL CHECK (length(issuer) <= 2048),
    client_id text NOT NULL CHECK (length(client_id) BETWEEN 1 AND 512),
    client_secret_sealed bytea,
    groups_claim text CHECK (length(groups_claim) BETWEEN 1 AND 100),
    mac bytea NOT NULL CHECK (length(mac) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, provider_id))`,
  `CREATE UNIQUE INDEX identity_providers_name_key ON identity_providers (workspace_id, lower(name))`,

  `CREATE TABLE member_identities (
    workspace_id uuid NOT NULL,
    provider_id uuid NOT NULL,
    subject text NOT NULL CHECK (length(subject) BETWEEN 1 AND 255),
    member_id uuid NOT NULL,
    mac bytea NOT NULL CHECK (length(mac) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, provider_id, subject),
    FOREIGN KEY (workspace_id, provider_id) REFERENCES identity_providers ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, member_id) REFERENCES members ON DELETE CASCADE)`,
  `CREATE INDEX member_identities_member ON member_identities (workspace_id, member_id)`,

  // Without a provider a group is local, and its members are put in by hand; otherwise they come with the claim at sign-in.
  `CREATE TABLE groups (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    group_id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    provider_id uuid,
    claim_value text CHECK (length(claim_value) BETWEEN 1 AND 255),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, group_id),
    FOREIGN KEY (workspace_id, provider_id) REFERENCES identity_providers,
    CHECK ((provider_id IS NULL) = (claim_value IS NULL)))`,
  `CREATE UNIQUE INDEX groups_name_key ON groups (workspace_id, lower(name))`,
  `CREATE UNIQUE INDEX groups_claim_key ON groups (workspace_id, provider_id, claim_value)`,

  `CREATE TABLE group_members (
    workspace_id uuid NOT NULL,
    group_id uuid NOT NULL,
    member_id uuid NOT NULL,
    mac bytea NOT NULL CHECK (length(mac) = 32),
    added_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, group_id, member_id),
    FOREIGN KEY (workspace_id, group_id) REFERENCES groups ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, member_id) REFERENCES members ON DELETE CASCADE)`,
  `CREATE INDEX group_members_member ON group_members (workspace_id, member_id)`,

  `CREATE TABLE api_keys (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    api_key_id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    scopes text[] NOT NULL CHECK (cardinality(scopes) BETWEEN 1 AND 64),
    box_ids uuid[] CHECK (cardinality(box_ids) BETWEEN 1 AND 100),
    token_sha256 bytea NOT NULL CHECK (length(token_sha256) = 32),
    mac bytea NOT NULL CHECK (length(mac) = 32),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (workspace_id, api_key_id),
    UNIQUE (workspace_id, token_sha256))`,

  `CREATE TABLE sessions (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    session_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('member', 'aws')),
    member_id uuid,
    aws jsonb,
    token_sha256 bytea NOT NULL CHECK (length(token_sha256) = 32),
    mac bytea NOT NULL CHECK (length(mac) = 32),
    source_address text NOT NULL,
    user_agent text CHECK (length(user_agent) <= 256),
    created_at timestamptz NOT NULL DEFAULT now(),
    confirmed_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (workspace_id, session_id),
    UNIQUE (workspace_id, token_sha256),
    FOREIGN KEY (workspace_id, member_id) REFERENCES members ON DELETE CASCADE,
    CHECK ((kind = 'member') = (member_id IS NOT NULL) AND (kind = 'aws') = (aws IS NOT NULL)))`,
  `CREATE INDEX sessions_member ON sessions (workspace_id, member_id)`,
  `CREATE INDEX sessions_expiry ON sessions (expires_at)`,

  `CREATE TABLE boxes (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    box_id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    description text NOT NULL DEFAULT '' CHECK (length(description) <= 1000),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    PRIMARY KEY (workspace_id, box_id))`,
  `CREATE UNIQUE INDEX boxes_name_key ON boxes (workspace_id, lower(name)) WHERE deleted_at IS NULL`,
  `CREATE INDEX boxes_deleted ON boxes (deleted_at) WHERE deleted_at IS NOT NULL`,

  `CREATE TABLE box_grants (
    workspace_id uuid NOT NULL,
    box_id uuid NOT NULL,
    grant_id uuid NOT NULL,
    member_id uuid,
    group_id uuid,
    iam_arn text CHECK (length(iam_arn) <= 2048),
    pinned_unique_id text CHECK (length(pinned_unique_id) <= 128),
    role text NOT NULL CHECK (role IN ('owner', 'write', 'read')),
    is_owner_group boolean NOT NULL DEFAULT false,
    mac bytea NOT NULL CHECK (length(mac) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, box_id, grant_id),
    FOREIGN KEY (workspace_id, box_id) REFERENCES boxes ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, member_id) REFERENCES members ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, group_id) REFERENCES groups,
    CHECK (num_nonnulls(member_id, group_id, iam_arn) = 1),
    CHECK (pinned_unique_id IS NULL OR iam_arn IS NOT NULL),
    CHECK (NOT is_owner_group OR (group_id IS NOT NULL AND role = 'owner')))`,
  `CREATE UNIQUE INDEX box_grants_principal_key ON box_grants (workspace_id, box_id, member_id, group_id, iam_arn) NULLS NOT DISTINCT`,
  `CREATE UNIQUE INDEX box_grants_owner_group ON box_grants (workspace_id, box_id) WHERE is_owner_group`,
  `CREATE INDEX box_grants_member ON box_grants (workspace_id, member_id) WHERE member_id IS NOT NULL`,
  `CREATE INDEX box_grants_group ON box_grants (workspace_id, group_id) WHERE group_id IS NOT NULL`,
  `CREATE INDEX box_grants_iam ON box_grants (workspace_id, iam_arn) WHERE iam_arn IS NOT NULL`,

  // A signature of GetCallerIdentity that let somebody in, as an HMAC, for as long as it could be sent again.
  `CREATE TABLE aws_proofs (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    proof_hmac bytea NOT NULL CHECK (length(proof_hmac) = 32),
    source_address text NOT NULL,
    uses integer NOT NULL DEFAULT 1,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, proof_hmac))`,
  `CREATE INDEX aws_proofs_expiry ON aws_proofs (expires_at)`,

  // Items that are there already come into a box of their workspace; it has no grants yet, and keys without a list of boxes reach it.
  `ALTER TABLE workspaces ADD COLUMN default_box_id uuid,
    ADD COLUMN aws_audience text NOT NULL DEFAULT 'required' CHECK (aws_audience IN ('required', 'optional'))`,
  `ALTER TABLE items ADD COLUMN box_id uuid, ADD COLUMN place_mac bytea CHECK (length(place_mac) = 32)`,
  `INSERT INTO boxes (workspace_id, box_id, name) SELECT workspace_id, gen_random_uuid(), 'General' FROM workspaces`,
  `UPDATE workspaces w SET default_box_id = b.box_id FROM boxes b WHERE b.workspace_id = w.workspace_id`,
  `UPDATE items i SET box_id = w.default_box_id FROM workspaces w WHERE w.workspace_id = i.workspace_id`,
  `ALTER TABLE workspaces ALTER COLUMN default_box_id SET NOT NULL,
    ADD CONSTRAINT workspaces_default_box_fkey FOREIGN KEY (workspace_id, default_box_id) REFERENCES boxes DEFERRABLE INITIALLY DEFERRED`,
  `ALTER TABLE items ALTER COLUMN box_id SET NOT NULL,
    ADD CONSTRAINT items_box_fkey FOREIGN KEY (workspace_id, box_id) REFERENCES boxes`,
  `CREATE INDEX items_box ON items (workspace_id, box_id)`,
  `ALTER TABLE audit_events ADD COLUMN caller jsonb, ADD COLUMN box_id uuid`,
  // Their MAC does not cover scopes: no version with them was released.
  `DROP TABLE tokens`,
];

export class PrincipalsAndBoxes1764000000000 implements MigrationInterface {
  name = 'PrincipalsAndBoxes1764000000000';

  async up(queries: QueryRunner): Promise<void> {
    // The owner too is under the row policies, which let nobody see every workspace.
    for (const table of ['workspaces', 'items']) await queries.query(`ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY`);
    for (const statement of CREATE) await queries.query(statement);
    for (const table of ['workspaces', 'items']) await queries.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
    for (const [table, rights] of Object.entries(TENANT_TABLES)) {
      await queries.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
      await queries.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
      await queries.query(`CREATE POLICY own_workspace ON ${table} TO keyhold_app
        USING (workspace_id = nullif(current_setting('keyhold.workspace_id', true), '')::uuid)
        WITH CHECK (workspace_id = nullif(current_setting('keyhold.workspace_id', true), '')::uuid)`);
      await queries.query(`GRANT ${rights} ON ${table} TO keyhold_app`);
    }
    await queries.query(`GRANT UPDATE (aws_audience, default_box_id) ON workspaces TO keyhold_app`);
  }

  async down(): Promise<void> {
    await Promise.reject(new Error('sealed items cannot go back to a version that knows no boxes: restore the backup made before'));
  }
}
