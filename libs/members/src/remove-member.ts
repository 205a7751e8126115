import { type RequestContext, endSessionsOf } from '#access';
import type { AuditEvent } from '#audit';
import type { Database } from '#database';
import { type Managers, requireRankOver } from './managers.js';
import { type GrantOfMember, deleteMember, tiesOf } from './member-store.js';

/** Removes somebody for good, signed out everywhere in the same commit. Their memberships and grants go with them. */
export class RemoveMember {
  constructor(
    private readonly database: Database,
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
      const details = { memberId, email, name, role, status, sessionsEnded, groupIds };
      return { result: null, event: [{ type: 'member.removed', details }, ...grants.map((grant) => grantRemoved(memberId, grant))] };
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
