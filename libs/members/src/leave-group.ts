import type { RequestContext } from '#access';
import type { Database } from '#database';
import { deleteMembership, findGroup } from './group-store.js';
import { requireLocal } from './join-group.js';
import type { Managers } from './managers.js';
import { MemberError } from './member-error.js';

/** Takes a member out of a local group: what only the group opened to them is closed from the next request on. */
export class LeaveGroup {
  constructor(
    private readonly database: Database,
    private readonly managers: Managers,
  ) {}

  async run(ctx: RequestContext, groupId: string, memberId: string): Promise<void> {
    await this.database.act(ctx, async (tx) => {
      await this.managers.of(tx, ctx, 'group:manage');
      const { name } = requireLocal(await findGroup(tx, groupId));
      if (!(await deleteMembership(tx, groupId, memberId))) throw new MemberError('member_not_found');
      return { result: null, event: { type: 'group.member_removed', details: { groupId, name, memberId } } };
    });
  }
}
