import type { BoxRights, MemberRow, MemberRows, RequestContext } from '#access';
import type { Database } from '#database';
import { mintInvitation } from './invitations.js';
import { type Managers, requireToGive } from './managers.js';
import { MemberError } from './member-error.js';
import { boxesOfMember } from './member-store.js';
import { type InvitedView, invitedView } from './member-view.js';
import { requireToOpen } from './open-boxes.js';
import { resetSignIn } from './reset-sign-in.js';

/**
 * Lets somebody come again who lost what signed them in, or from whom it was stolen. The invitation is told to whoever resets, who
 * could come by it themselves: so they must be able to grant every box that is open to the member.
 */
export class ResetMember {
  constructor(
    private readonly database: Database,
    private readonly members: MemberRows,
    private readonly managers: Managers,
    private readonly rights: BoxRights,
  ) {}

  run(ctx: RequestContext, memberId: string): Promise<InvitedView> {
    return this.database.act(ctx, async (tx) => {
      const { manager, member } = await this.managers.over(tx, ctx, 'member:reset', memberId);
      requireToGive(manager, member.role);
      await requireToOpen(tx, this.rights, ctx, manager, await boxesOfMember(tx, memberId));
      requireToHaveCome(member);
      const invitation = mintInvitation(ctx.workspaceId, manager);
      const { row, event } = await resetSignIn(tx, this.members, ctx.workspaceId, member, invitation);
      return { result: invitedView(row, invitation), event };
    });
  }
}

function requireToHaveCome({ status }: MemberRow): void {
  if (status === 'invited') throw new MemberError('member_not_joined');
  if (status === 'suspended') throw new MemberError('member_not_active');
}
