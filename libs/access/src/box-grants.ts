import type { Queries, Statement } from '#audit';
import type { BoxRole } from './actions.js';
import type { RowMacs } from './row-macs.js';

/** Whom a grant names: exactly one of the three. */
export interface GrantPrincipal {
  member_id: string | null;
  group_id: string | null;
  iam_arn: string | null;
  /** Of an ARN: only as long as it is this very identity, and not another one of the same name. */
  pinned_unique_id: string | null;
}

export interface GrantFacts extends GrantPrincipal {
  box_id: string;
  grant_id: string;
  role: BoxRole;
  is_owner_group: boolean;
}

export interface GrantRow extends GrantFacts {
  mac: Buffer;
}

export interface MembershipFacts {
  group_id: string;
  member_id: string;
}

const INSERT_GRANT: Statement = {
  name: 'box-grant-insert',
  text: `INSERT INTO box_grants (workspace_id, box_id, grant_id, member_id, group_id, iam_arn, pinned_unique_id, role, is_owner_group, mac)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
};

/** Holds the group, or waits for whoever deletes it. Answers a row when it is there. */
const INSERT_MEMBERSHIP: Statement = {
  name: 'group-member-insert',
  text: `WITH held AS (SELECT group_id FROM groups WHERE workspace_id = $1 AND group_id = $2 FOR KEY SHARE),
      added AS (INSERT INTO group_members (workspace_id, group_id, member_id, mac) SELECT $1, group_id, $3, $4 FROM held ON CONFLICT DO NOTHING)
    SELECT 1 FROM held`,
};

const CHANGE_ROLE: Statement = {
  name: 'box-grant-change-role',
  text: `UPDATE box_grants SET role = $4, mac = $5 WHERE workspace_id = $1 AND box_id = $2 AND grant_id = $3`,
};

const FIND_MEMBERSHIP: Statement = {
  name: 'group-member-find',
  text: `SELECT mac FROM group_members WHERE workspace_id = $1 AND group_id = $2 AND member_id = $3`,
};

/** The one way to write grants and memberships, and to tell which of them were written here. */
export class GrantRows {
  constructor(private readonly macs: RowMacs) {}

  async insert(tx: Queries, workspaceId: string, grant: GrantFacts): Promise<void> {
    const { box_id, grant_id, member_id, group_id, iam_arn, pinned_unique_id, role, is_owner_group } = grant;
    const mac = this.macOf(workspaceId, grant);
    await tx.query(INSERT_GRANT, [box_id, grant_id, member_id, group_id, iam_arn, pinned_unique_id, role, is_owner_group, mac]);
  }

  /** No fault when the member is in the group already; false when there is no such group any more. */
  async insertMembership(tx: Queries, workspaceId: string, { group_id, member_id }: MembershipFacts): Promise<boolean> {
    const mac = this.macs.of('group-member', [workspaceId, group_id, member_id]);
    return (await tx.query(INSERT_MEMBERSHIP, [group_id, member_id, mac])).length === 1;
  }

  /** `grant` as it was read, under a lock, and found genuine: a MAC for one that somebody else wrote would make it ours. */
  async changeRole(tx: Queries, workspaceId: string, grant: GrantFacts, role: BoxRole): Promise<void> {
    const mac = this.macOf(workspaceId, { ...grant, role });
    await tx.query(CHANGE_ROLE, [grant.box_id, grant.grant_id, role, mac]);
  }

  async isInGroup(tx: Queries, workspaceId: string, membership: MembershipFacts): Promise<boolean> {
    const [row] = await tx.query<{ mac: Buffer }>(FIND_MEMBERSHIP, [membership.group_id, membership.member_id]);
    return row !== undefined && this.isGenuineMembership(workspaceId, membership, row.mac);
  }

  macOf(workspaceId: string, grant: GrantFacts): Buffer {
    return this.macs.of('box-grant', grantFields(workspaceId, grant));
  }

  isGenuine(workspaceId: string, grant: GrantRow): boolean {
    return this.macs.isOurs('box-grant', grantFields(workspaceId, grant), grant.mac);
  }

  isGenuineMembership(workspaceId: string, { group_id, member_id }: MembershipFacts, mac: Buffer): boolean {
    return this.macs.isOurs('group-member', [workspaceId, group_id, member_id], mac);
  }
}

function grantFields(workspaceId: string, grant: GrantFacts) {
  const { box_id, grant_id, member_id, group_id, iam_arn, pinned_unique_id, role, is_owner_group } = grant;
  return [workspaceId, box_id, grant_id, member_id, group_id, iam_arn, pinned_unique_id, role, is_owner_group] as const;
}
