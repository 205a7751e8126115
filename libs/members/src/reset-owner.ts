import type { MemberRow, MemberRows, RequestContext } from '#access';
import type { Queries } from '#audit';
import type { Database } from '#database';
import { mintInvitation } from './invitations.js';
import { MemberError } from './member-error.js';
import { findOwnerId } from './member-store.js';
import { type InvitedView, invitedView } from './member-view.js';
import { resetSignIn } from './reset-sign-in.js';

/** Lets the Owner come again, whom nobody in the workspace outranks: for the operator, at a console. */
export class ResetOwner {
  constructor(
    private readonly database: Database,
    private readonly members: MemberRows,
  ) {}

  /** Throws `member_not_found` when there is no such workspace. */
  run(ctx: RequestContext): Promise<InvitedView> {
    const invitation = mintInvitation(ctx.workspaceId, { id: ctx.principal.id, endsAt: undefined });
    return this.database.act(ctx, async (tx) => {
      const owner = await this.#hold(tx, ctx.workspaceId);
      const { row, event } = await resetSignIn(tx, this.members, ctx.workspaceId, owner, invitation);
      return { result: invitedView(row, invitation), event };
    });
  }

  /** Ownership that changed hands while the row was waited for is not given to anybody: `member_not_found` as well. */
  async #hold(tx: Queries, workspaceId: string): Promise<MemberRow> {
    const ownerId = await findOwnerId(tx);
    const owner = ownerId === undefined ? undefined : await this.members.findToChange(tx, workspaceId, ownerId);
    if (owner?.role !== 'owner') throw new MemberError('member_not_found');
    return owner;
  }
}
