import { MEMBER_ROLES, type MemberRole, type MemberRow, type MemberRows, type RequestContext, endSessionsOf } from '#access';
import type { AuditEvent, Queries } from '#audit';
import type { Database } from '#database';
import { type Managed, type Managers, requireRankOver, requireToGive } from './managers.js';
import { MemberError } from './member-error.js';
import { type MemberView, memberView } from './member-view.js';
import { withdrawInvitations } from './withdraw-invitations.js';

export interface MemberChange {
  name?: string | undefined;
  role?: MemberRole | undefined;
  status?: 'active' | 'suspended' | undefined;
}

/**
 * Changes name, role and status; what is not named stays. Who is suspended is signed out everywhere in the same commit. With that,
 * and with a lower role, their invitations to others end.
 */
export class UpdateMember {
  constructor(
    private readonly database: Database,
    private readonly members: MemberRows,
    private readonly managers: Managers,
  ) {}

  run(ctx: RequestContext, memberId: string, change: MemberChange): Promise<MemberView> {
    return this.database.act(ctx, async (tx) => {
      const managed = await this.managers.over(tx, ctx, 'member:manage', memberId);
      requireAllowed(managed, change);
      const before = managed.member;
      const { name = before.name, role = before.role, status = before.status } = change;
      const after = await this.members.update(tx, ctx.workspaceId, { ...before, name, role, status });
      const sessionsEnded = status === 'suspended' ? await endSessionsOf(tx, memberId) : 0;
      const details = { memberId, email: before.email, before: changeable(before), after: changeable(after), sessionsEnded };
      return {
        result: memberView(after),
        event: [{ type: 'member.updated', details }, ...(await this.#withdrawn(tx, ctx, before, after))],
      };
    });
  }

  async #withdrawn(tx: Queries, { workspaceId }: RequestContext, before: MemberRow, after: MemberRow): Promise<AuditEvent[]> {
    const isLowered = MEMBER_ROLES.indexOf(after.role) > MEMBER_ROLES.indexOf(before.role);
    if (!isLowered && after.status !== 'suspended') return [];
    return withdrawInvitations(tx, this.members, workspaceId, { issuerId: after.member_id, because: 'member.updated' });
  }
}

function requireAllowed({ manager, member }: Managed, { role, status }: MemberChange): void {
  const isOwnName = manager.memberId === member.member_id && role === undefined && status === undefined;
  if (isOwnName) return;
  requireRankOver(manager, member.role);
  const isLetIn = member.status === 'suspended' && status === 'active';
  if (role !== undefined || isLetIn) requireToGive(manager, role ?? member.role);
  if (status !== undefined && (member.status === 'invited' || member.status === 'reset')) throw new MemberError('member_not_joined');
}

const changeable = ({ name, role, status }: MemberRow) => ({ name, role, status });
