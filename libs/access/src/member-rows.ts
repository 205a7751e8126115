import type { Queries, Statement } from '#audit';
import type { MemberRole } from './actions.js';
import type { RowMacs } from './row-macs.js';

export const MEMBER_STATUSES = [
  'invited',
  'active',
  'suspended',
  /** Was active; has to come again by an invitation, for what let them in before is gone. */
  'reset',
] as const;
export type MemberStatus = (typeof MEMBER_STATUSES)[number];

/** A member with what signs them in. Never leaves the service as it is. */
export interface MemberRow {
  member_id: string;
  /** Lower case. */
  email: string;
  name: string;
  role: MemberRole;
  status: MemberStatus;
  /** argon2id, with its parameters. */
  password_hash: string | null;
  totp_sealed: Buffer | null;
  /** HMACs; each is taken out when it is used. */
  recovery_codes: readonly Buffer[];
  invitation_sha256: Buffer | null;
  invitation_expires_at: Date | null;
  /** Id of the principal who handed out the invitation, which lasts no longer than what they may do. */
  invited_by: string | null;
  mac: Buffer;
  created_at: Date;
  updated_at: Date;
}

export type MemberFacts = Omit<MemberRow, 'mac' | 'created_at' | 'updated_at'>;
export type InvitationFacts = Pick<MemberFacts, 'invitation_sha256' | 'invitation_expires_at' | 'invited_by'>;

/** Of members who have come. */
export const NO_INVITATION: InvitationFacts = { invitation_sha256: null, invitation_expires_at: null, invited_by: null };

/** What rows are held for. */
export type MemberHold = 'change' | 'remove';

const COLUMNS = [
  'member_id',
  'email',
  'name',
  'role',
  'status',
  'password_hash',
  'totp_sealed',
  'recovery_codes',
  'invitation_sha256',
  'invitation_expires_at',
  'invited_by',
  'mac',
  'created_at',
  'updated_at',
] as const satisfies readonly (keyof MemberRow)[];
const MEMBER_COLUMNS = COLUMNS.join(', ');

/** For a join in which members are called `m`. */
export const JOINED_MEMBER_COLUMNS = COLUMNS.map((column) => `m.${column}`).join(', ');

const FIND: Statement = {
  name: 'member-find',
  text: `SELECT ${MEMBER_COLUMNS} FROM members WHERE workspace_id = $1 AND member_id = $2`,
};

/** Locks: of two changes that come at once the second sees what the first made. */
const FIND_TO_CHANGE: Statement = { name: 'member-find-to-change', text: `${FIND.text} FOR NO KEY UPDATE` };

/**
 * Always in the same order, so that two changes of the same two members cannot wait for each other. Who is to come does nothing
 * yet, and is last: who invited them is held before, also when all that they invited are held after them.
 */
const FIND_ALL = `SELECT ${MEMBER_COLUMNS} FROM members WHERE workspace_id = $1 AND member_id = ANY ($2)
  ORDER BY status IN ('invited', 'reset'), member_id`;
const FIND_ALL_TO: Readonly<Record<MemberHold, Statement>> = {
  change: { name: 'members-find-to-change', text: `${FIND_ALL} FOR NO KEY UPDATE` },
  // Nothing new can point at them either: what goes with them is known.
  remove: { name: 'members-find-to-remove', text: `${FIND_ALL} FOR UPDATE` },
};

const FIND_BY_EMAIL: Statement = {
  name: 'member-find-by-email',
  text: `SELECT ${MEMBER_COLUMNS} FROM members WHERE workspace_id = $1 AND email = $2`,
};

const FIND_BY_INVITATION: Statement = {
  name: 'member-find-by-invitation',
  text: `SELECT ${MEMBER_COLUMNS} FROM members WHERE workspace_id = $1 AND invitation_sha256 = $2`,
};

const FIND_INVITED_BY: Statement = {
  name: 'members-find-invited-by',
  text: `SELECT ${MEMBER_COLUMNS} FROM members WHERE workspace_id = $1 AND invited_by = $2 ORDER BY member_id FOR NO KEY UPDATE`,
};

const INSERT: Statement = {
  name: 'member-insert',
  text: `INSERT INTO members (workspace_id, member_id, email, name, role, status, password_hash, totp_sealed, recovery_codes,
      invitation_sha256, invitation_expires_at, invited_by, mac)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING ${MEMBER_COLUMNS}`,
};

const UPDATE: Statement = {
  name: 'member-update',
  text: `UPDATE members SET email = $3, name = $4, role = $5, status = $6, password_hash = $7, totp_sealed = $8, recovery_codes = $9,
      invitation_sha256 = $10, invitation_expires_at = $11, invited_by = $12, mac = $13, updated_at = now()
    WHERE workspace_id = $1 AND member_id = $2 RETURNING ${MEMBER_COLUMNS}`,
};

/** The one way to rows of members: reads none that somebody else wrote, and writes none without its MAC. */
export class MemberRows {
  constructor(private readonly macs: RowMacs) {}

  find(tx: Queries, workspaceId: string, memberId: string): Promise<MemberRow | undefined> {
    return this.#genuine(workspaceId, tx.query<MemberRow>(FIND, [memberId]));
  }

  findToChange(tx: Queries, workspaceId: string, memberId: string): Promise<MemberRow | undefined> {
    return this.#genuine(workspaceId, tx.query<MemberRow>(FIND_TO_CHANGE, [memberId]));
  }

  /** Those of them that are there, by id. */
  async holdAll(tx: Queries, workspaceId: string, memberIds: readonly string[], hold: MemberHold): Promise<Map<string, MemberRow>> {
    const rows = await tx.query<MemberRow>(FIND_ALL_TO[hold], [memberIds]);
    return new Map(rows.filter((row) => this.isGenuine(workspaceId, row)).map((row) => [row.member_id, row]));
  }

  /** Whose invitation this principal handed out, and who have not come by it: nobody comes by it until the act is over. */
  async holdInvitedBy(tx: Queries, workspaceId: string, principalId: string): Promise<MemberRow[]> {
    const rows = await tx.query<MemberRow>(FIND_INVITED_BY, [principalId]);
    return rows.filter((row) => this.isGenuine(workspaceId, row));
  }

  /** @param email lower case */
  findByEmail(tx: Queries, workspaceId: string, email: string): Promise<MemberRow | undefined> {
    return this.#genuine(workspaceId, tx.query<MemberRow>(FIND_BY_EMAIL, [email]));
  }

  /** @param digest of the token */
  findByInvitation(tx: Queries, workspaceId: string, digest: Buffer): Promise<MemberRow | undefined> {
    return this.#genuine(workspaceId, tx.query<MemberRow>(FIND_BY_INVITATION, [digest]));
  }

  insert(tx: Queries, workspaceId: string, facts: MemberFacts): Promise<MemberRow> {
    return this.#store(tx, INSERT, workspaceId, facts);
  }

  /** Replaces everything but the id. */
  update(tx: Queries, workspaceId: string, facts: MemberFacts): Promise<MemberRow> {
    return this.#store(tx, UPDATE, workspaceId, facts);
  }

  /** Whether the row says what was last written here; for rows that came with a join. */
  isGenuine(workspaceId: string, row: MemberRow): boolean {
    return this.macs.isOurs('member', macFields(workspaceId, row), row.mac);
  }

  async #genuine(workspaceId: string, rows: Promise<MemberRow[]>): Promise<MemberRow | undefined> {
    const [row] = await rows;
    return row && this.isGenuine(workspaceId, row) ? row : undefined;
  }

  async #store(tx: Queries, statement: Statement, workspaceId: string, facts: MemberFacts): Promise<MemberRow> {
    const { member_id, email, name, role, status, password_hash, totp_sealed, recovery_codes } = facts;
    const { invitation_sha256, invitation_expires_at, invited_by } = facts;
    const mac = this.macs.of('member', macFields(workspaceId, facts));
    const values = [member_id, email, name, role, status, password_hash, totp_sealed, recovery_codes, invitation_sha256];
    const [row] = await tx.query<MemberRow>(statement, [...values, invitation_expires_at, invited_by, mac]);
    if (!row) throw new Error('a member is gone in the transaction that holds it');
    return row;
  }
}

function macFields(workspaceId: string, member: MemberFacts) {
  const { member_id, email, role, status, password_hash, totp_sealed, recovery_codes, invitation_sha256 } = member;
  const until = member.invitation_expires_at?.toISOString() ?? null;
  // Rows without one are as they were before it was known who invited: theirs stay what they are.
  const invitedBy = member.invited_by === null ? [] : [member.invited_by];
  const fields = [workspaceId, member_id, email, role, status, password_hash, totp_sealed, recovery_codes, invitation_sha256, until];
  return [...fields, ...invitedBy];
}
