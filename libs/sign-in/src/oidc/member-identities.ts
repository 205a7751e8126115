import type { RowMacs } from '#access';
import type { Queries, Statement } from '#audit';

/** That a provider knows a member by this subject. */
export interface MemberIdentity {
  providerId: string;
  subject: string;
  memberId: string;
}

const FIND: Statement = {
  name: 'member-identity-find',
  text: `SELECT member_id, mac FROM member_identities WHERE workspace_id = $1 AND provider_id = $2 AND subject = $3`,
};

const FIND_OF_MEMBER: Statement = {
  name: 'member-identity-find-of-member',
  text: `SELECT 1 FROM member_identities WHERE workspace_id = $1 AND member_id = $2 AND provider_id = $3`,
};

const INSERT: Statement = {
  name: 'member-identity-insert',
  text: `INSERT INTO member_identities (workspace_id, provider_id, subject, member_id, mac) VALUES ($1, $2, $3, $4, $5)`,
};

/** The one way to rows that say whom a provider means. */
export class MemberIdentities {
  constructor(private readonly macs: RowMacs) {}

  /** Undefined when the subject is not known. Without an id: by a row that was not written here. */
  async find(tx: Queries, workspaceId: string, providerId: string, subject: string): Promise<{ memberId: string | undefined } | undefined> {
    const [row] = await tx.query<{ member_id: string; mac: Buffer }>(FIND, [providerId, subject]);
    if (!row) return undefined;
    const fields = macFields(workspaceId, { providerId, subject, memberId: row.member_id });
    return this.macs.isOurs('member-identity', fields, row.mac) ? { memberId: row.member_id } : { memberId: undefined };
  }

  /** Whether the provider knows the member already, by whatever subject. */
  async isLinked(tx: Queries, memberId: string, providerId: string): Promise<boolean> {
    return (await tx.query(FIND_OF_MEMBER, [memberId, providerId])).length > 0;
  }

  async insert(tx: Queries, workspaceId: string, identity: MemberIdentity): Promise<void> {
    const { providerId, subject, memberId } = identity;
    await tx.query(INSERT, [providerId, subject, memberId, this.macs.of('member-identity', macFields(workspaceId, identity))]);
  }
}

function macFields(workspaceId: string, { providerId, subject, memberId }: MemberIdentity) {
  return [workspaceId, providerId, subject, memberId] as const;
}
