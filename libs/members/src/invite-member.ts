import { randomUUIDv7 } from 'node:crypto';
import type { MemberRole, MemberRows, RequestContext } from '#access';
import { type Database, isUniqueViolation } from '#database';
import { mintInvitation } from './invitations.js';
import { invitedMember } from './invited-member.js';
import { type Managers, requireToGive } from './managers.js';
import { MemberError } from './member-error.js';
import { type InvitedView, invitedView } from './member-view.js';

export interface InvitationRequest {
  /** Lower case. */
  email: string;
  role: MemberRole;
  /** The address when it is not given. */
  name?: string | undefined;
}

/** Makes a member who can come as soon as they have the invitation's token. */
export class InviteMember {
  constructor(
    private readonly database: Database,
    private readonly members: MemberRows,
    private readonly managers: Managers,
  ) {}

  async run(ctx: RequestContext, { email, role, name = email }: InvitationRequest): Promise<InvitedView> {
    try {
      return await this.database.act(ctx, async (tx) => {
        const manager = await this.managers.of(tx, ctx, 'member:manage');
        requireToGive(manager, role);
        const invitation = mintInvitation(ctx.workspaceId, manager);
        const row = await this.members.insert(tx, ctx.workspaceId, { ...invitedMember(randomUUIDv7(), email, role, invitation), name });
        const details = { memberId: row.member_id, email, name, role, expiresAt: invitation.expiresAt.toISOString() };
        return { result: invitedView(row, invitation), event: { type: 'member.invited', details } };
      });
    } catch (error) {
      if (isUniqueViolation(error, 'members_workspace_id_email_key')) throw new MemberError('email_taken');
      throw error;
    }
  }
}
