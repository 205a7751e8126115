import type { RowField, RowMacs } from '#access';
import type { Queries, Statement } from '#audit';

/** What decides whom a provider can let in. The issuer never changes: another one is another provider, with other people. */
export interface IdentityProviderFacts {
  provider_id: string;
  name: string;
  issuer: string;
  client_id: string;
  /** Null for a client that has none and relies on PKCE alone. */
  client_secret_sealed: Buffer | null;
  /** The claim whose values put members into groups. */
  groups_claim: string | null;
  /** Whether a verified address is enough to become a member who is active already. */
  links_active_members: boolean;
}

export interface IdentityProviderRow extends IdentityProviderFacts {
  mac: Buffer;
  created_at: Date;
  updated_at: Date;
}

export const IDENTITY_PROVIDERS_MAX = 20;

const COLUMNS =
  'provider_id, name, issuer, client_id, client_secret_sealed, groups_claim, links_active_members, mac, created_at, updated_at';

const FIND: Statement = {
  name: 'identity-provider-find',
  text: `SELECT ${COLUMNS} FROM identity_providers WHERE workspace_id = $1 AND provider_id = $2`,
};

/** Locks: of two changes that come at once the second sees what the first made. */
const FIND_TO_CHANGE: Statement = { name: 'identity-provider-find-to-change', text: `${FIND.text} FOR NO KEY UPDATE` };

const LIST: Statement = {
  name: 'identity-provider-list',
  text: `SELECT ${COLUMNS} FROM identity_providers WHERE workspace_id = $1 AND ($3::uuid IS NULL OR provider_id < $3)
    ORDER BY provider_id DESC LIMIT $2`,
};

/** One at a time: two that count at once would both find a place. Weaker than FOR UPDATE, which waits for every insert of the workspace. */
const LOCK_WORKSPACE: Statement = {
  name: 'identity-provider-lock-workspace',
  text: `SELECT 1 FROM workspaces WHERE workspace_id = $1 FOR NO KEY UPDATE`,
};

/** Answers no row when there are enough. */
const INSERT: Statement = {
  name: 'identity-provider-insert',
  text: `INSERT INTO identity_providers
      (workspace_id, provider_id, name, issuer, client_id, client_secret_sealed, groups_claim, links_active_members, mac)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9
    WHERE (SELECT count(*) FROM identity_providers WHERE workspace_id = $1) < ${IDENTITY_PROVIDERS_MAX}
    RETURNING ${COLUMNS}`,
};

const UPDATE: Statement = {
  name: 'identity-provider-update',
  text: `UPDATE identity_providers SET name = $3, client_id = $4, client_secret_sealed = $5, groups_claim = $6, links_active_members = $7,
      mac = $8, updated_at = now()
    WHERE workspace_id = $1 AND provider_id = $2 RETURNING ${COLUMNS}`,
};

const DELETE: Statement = {
  name: 'identity-provider-delete',
  text: `DELETE FROM identity_providers WHERE workspace_id = $1 AND provider_id = $2`,
};

/** The one way to rows of identity providers: reads none that somebody else wrote, and writes none without its MAC. */
export class IdentityProviderRows {
  constructor(private readonly macs: RowMacs) {}

  async find(tx: Queries, workspaceId: string, providerId: string): Promise<IdentityProviderRow | undefined> {
    const [row] = await tx.query<IdentityProviderRow>(FIND, [providerId]);
    return row && this.#isGenuine(workspaceId, row) ? row : undefined;
  }

  async findToChange(tx: Queries, workspaceId: string, providerId: string): Promise<IdentityProviderRow | undefined> {
    const [row] = await tx.query<IdentityProviderRow>(FIND_TO_CHANGE, [providerId]);
    return row && this.#isGenuine(workspaceId, row) ? row : undefined;
  }

  /** Newest first, after `before`. */
  async list(tx: Queries, workspaceId: string, limit: number, before?: string): Promise<IdentityProviderRow[]> {
    const rows = await tx.query<IdentityProviderRow>(LIST, [limit, before]);
    return rows.filter((row) => this.#isGenuine(workspaceId, row));
  }

  /** Undefined when the workspace has as many as it can have. */
  async insert(tx: Queries, workspaceId: string, facts: IdentityProviderFacts): Promise<IdentityProviderRow | undefined> {
    const { provider_id, name, issuer, client_id, client_secret_sealed, groups_claim, links_active_members } = facts;
    const values = [provider_id, name, issuer, client_id, client_secret_sealed, groups_claim, links_active_members];
    await tx.query(LOCK_WORKSPACE);
    const [row] = await tx.query<IdentityProviderRow>(INSERT, [...values, this.#macOf(workspaceId, facts)]);
    return row;
  }

  /** Replaces everything but id and issuer. */
  async update(tx: Queries, workspaceId: string, facts: IdentityProviderFacts): Promise<IdentityProviderRow> {
    const { provider_id, name, client_id, client_secret_sealed, groups_claim, links_active_members } = facts;
    const values = [provider_id, name, client_id, client_secret_sealed, groups_claim, links_active_members];
    const [row] = await tx.query<IdentityProviderRow>(UPDATE, [...values, this.#macOf(workspaceId, facts)]);
    if (!row) throw new Error('an identity provider is gone in the transaction that holds it');
    return row;
  }

  /** With the identities of members that it vouched for. Fails on the foreign key of groups that its claims fill. */
  async delete(tx: Queries, providerId: string): Promise<void> {
    await tx.query(DELETE, [providerId]);
  }

  #macOf(workspaceId: string, facts: IdentityProviderFacts): Buffer {
    return this.macs.of('identity-provider', macFields(workspaceId, facts));
  }

  #isGenuine(workspaceId: string, row: IdentityProviderRow): boolean {
    return this.macs.isOurs('identity-provider', macFields(workspaceId, row), row.mac);
  }
}

function macFields(workspaceId: string, provider: IdentityProviderFacts): RowField[] {
  const { provider_id, issuer, client_id, client_secret_sealed, groups_claim, links_active_members } = provider;
  return [workspaceId, provider_id, issuer, client_id, client_secret_sealed, groups_claim, links_active_members];
}
