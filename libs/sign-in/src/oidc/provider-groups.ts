import type { GrantRows, MemberRow } from '#access';
import type { AuditEvent, Queries, Statement } from '#audit';

interface FoundGroup {
  group_id: string;
  name: string;
  claim_value: string;
  /** Of the member's membership. */
  mac: Buffer | null;
}

const GROUPS: Statement = {
  name: 'provider-groups',
  text: `SELECT g.group_id, g.name, g.claim_value, m.mac
    FROM groups g LEFT JOIN group_members m ON m.workspace_id = g.workspace_id AND m.group_id = g.group_id AND m.member_id = $3
    WHERE g.workspace_id = $1 AND g.provider_id = $2 ORDER BY g.group_id`,
};

const LEAVE: Statement = {
  name: 'provider-group-leave',
  text: `DELETE FROM group_members WHERE workspace_id = $1 AND group_id = $2 AND member_id = $3`,
};

/** The groups that a provider's claims fill. */
export class ProviderGroups {
  constructor(private readonly grants: GrantRows) {}

  /** Puts the member into those that `values` name, and out of all others of the provider. Answers what changed. */
  async replace(tx: Queries, workspaceId: string, providerId: string, member: MemberRow, values: readonly string[]): Promise<AuditEvent[]> {
    const events: AuditEvent[] = [];
    const named = new Set(values);
    for (const group of await tx.query<FoundGroup>(GROUPS, [providerId, member.member_id])) {
      const type = await this.#settle(tx, workspaceId, group, member.member_id, named.has(group.claim_value));
      if (type) events.push({ type, details: recordOf(group, member, providerId) });
    }
    return events;
  }

  /** A membership that somebody else wrote is none, and goes. */
  async #settle(tx: Queries, workspaceId: string, { group_id, mac }: FoundGroup, member_id: string, isNamed: boolean) {
    const membership = { group_id, member_id };
    const isIn = mac !== null && this.grants.isGenuineMembership(workspaceId, membership, mac);
    if (isIn === isNamed && isIn === (mac !== null)) return undefined;
    if (mac !== null) await tx.query(LEAVE, [group_id, member_id]);
    if (!isNamed) return 'group.member_removed';
    const isThere = await this.grants.insertMembership(tx, workspaceId, membership);
    return isThere ? 'group.member_added' : undefined; // deleted since it was listed
  }
}

function recordOf({ group_id, name, claim_value }: FoundGroup, { member_id, email }: MemberRow, providerId: string) {
  return { groupId: group_id, name, memberId: member_id, email, providerId, claimValue: claim_value };
}
