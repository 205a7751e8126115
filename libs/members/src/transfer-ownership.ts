import { AccessError, type MemberRow, type MemberRows, type RequestContext } from '#access';
import type { Database } from '#database';
import { MemberError } from './member-error.js';
import { type MemberView, memberView } from './member-view.js';
import { withdrawInvitations } from './withdraw-invitations.js';

/**
 * Makes another member the Owner. The Owner until then becomes Super Admin in the same commit: there is always exactly one. Invitations
 * of the former Owner are withdrawn, as those of everybody whose role is lowered.
 */
export class TransferOwnership {
  constructor(
    private readonly database: Database,
    private readonly members: MemberRows,
  ) {}

  run(ctx: RequestContext, memberId: string): Promise<MemberView> {
    const { principal, workspaceId } = ctx;
    return this.database.act(ctx, async (tx) => {
      const held = await this.members.holdAll(tx, workspaceId, [principal.id, memberId], 'change');
      const owner = requireOwner(held.get(principal.id));
      const heir = requireHeir(held.get(memberId));
      await this.members.update(tx, workspaceId, { ...owner, role: 'super_admin' }); // first, for there are never two
      const after = await this.members.update(tx, workspaceId, { ...heir, role: 'owner' });
      const withdrawn = await withdrawInvitations(tx, this.members, workspaceId, {
        issuerId: owner.member_id,
        because: 'owner.transferred',
      });
      const details = { before: named(owner), after: named(heir), roleOfFormerOwner: 'super_admin' };
      return { result: memberView(after), event: [{ type: 'owner.transferred', details }, ...withdrawn] };
    });
  }
}

/** Of many transfers at once the first one makes the others those of a Super Admin. */
function requireOwner(own: MemberRow | undefined): MemberRow {
  if (own?.role !== 'owner' || own.status !== 'active') throw new AccessError('forbidden');
  return own;
}

function requireHeir(heir: MemberRow | undefined): MemberRow {
  if (!heir) throw new MemberError('member_not_found');
  if (heir.role === 'owner') throw new MemberError('member_is_owner');
  if (heir.status !== 'active') throw new MemberError('member_not_active');
  return heir;
}

const named = ({ member_id: memberId, email, role }: MemberRow) => ({ memberId, email, role });
