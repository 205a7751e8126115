import { type MemberRows, type RequestContext, SCOPES } from '#access';
import type { Database } from '#database';
import { invitationFacts, mintInvitation } from './invitations.js';
import { type Managed, type Managers, requireToGive } from './managers.js';
import { MemberError } from './member-error.js';
import { type InvitedView, invitedView } from './member-view.js';

/** Invites somebody again who has not come: the new token counts, the old one does not any more. */
export class RenewInvitation {
  constructor(
    private readonly database: Database,
    private readonly members: MemberRows,
    private readonly managers: Managers,
  ) {}

  run(ctx: RequestContext, memberId: string): Promise<InvitedView> {
    return this.database.act(ctx, async (tx) => {
      const { manager, member } = await this.managers.over(tx, ctx, 'member:manage', memberId);
      requireToInvite(ctx, { manager, member });
      const invitation = mintInvitation(ctx.workspaceId, manager);
      const row = await this.members.update(tx, ctx.workspaceId, { ...member, ...invitationFacts(invitation) });
      const { email, name, role } = member;
      const expiresAt = { before: member.invitation_expires_at, after: invitation.expiresAt };
      const details = { memberId, email, name, role, isAgain: true, expiresAt };
      return { result: invitedView(row, invitation), event: { type: 'member.invited', details } };
    });
  }
}

/** Nobody is above the Owner: while they have never come, the key that the workspace was set up with asks them again. */
function requireToInvite(ctx: RequestContext, { manager, member }: Managed): void {
  const isSetUp = member.role === 'owner' && member.status === 'invited' && SCOPES.every((scope) => ctx.actions.has(scope));
  if (!isSetUp) requireToGive(manager, member.role);
  if (member.status !== 'invited') throw new MemberError('member_joined');
}
