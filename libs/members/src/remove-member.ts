import { type MemberRows, type RequestContext, endSessionsOf } from '#access';
import type { AuditEvent } from '#audit';
import type { Database } from '#database';
import { type Managers, requireRankOver } from './managers.js';
import { type GrantOfMember, deleteMember, tiesOf } from './member-store.js';
import { withdrawInvitations } from './withdraw-invitations.js';

/** Removes somebody for good, signed out everywhere in the same commit. Their memberships, grants and invitations to others go too. */
export class RemoveMember {
  constructor(
    private readonly database: Database,
    private readonly members: MemberRows,
    private readonly managers: Managers,
  ) {}

  async run(ctx: RequestContext, memberId: string): Promise<void> {
    await this.database.act(ctx, async (tx) => {
      const { manager, member } = await this.managers.over(tx, ctx, 'member:manage', memberId, 'remove');
      requireRankOver(manager, member.role);
      const sessionsEnded = await endSessionsOf(tx, memberId);
      const { grants, groupIds } = await tiesOf(tx, memberId);
      await deleteMember(tx, memberId);
      const { email, name, role, status } = member;
      const withdrawn = await withdrawInvitations(tx, this.members, ctx.workspaceId, { issuerId: memberId, because: 'member.removed' });
      const details = { memberId, email, name, role, status, sessionsEnded, groupIds };
      const consequences = [...grants.map((grant) => grantRemoved(memberId, grant)), ...withdrawn];
      return { result: null, event: [{ type: 'member.removed', details }, ...consequences] };
    });
  }
}

/** One event in each box, where its owners look for it. */
function grantRemoved(memberId: string, { box_id: boxId, grant_id: grantId, role }: GrantOfMember): AuditEvent {
  return {
    type: 'box.grant_removed',
    boxId,
    details: { grantId, principal: { kind: 'user', memberId }, before: role, after: null, because: 'member.removed' },
  };
}
