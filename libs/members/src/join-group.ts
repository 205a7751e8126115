import type { BoxRights, GrantRows, RequestContext } from '#access';
import type { Queries } from '#audit';
import type { Database } from '#database';
import { type StoredGroup, boxesOfGroup, findGroup, isInGroup } from './group-store.js';
import type { Managers } from './managers.js';
import { MemberError } from './member-error.js';
import { requireToOpen } from './open-boxes.js';

/**
 * Puts a member into a local group. That opens to them every box which is granted to the group, so whoever does it must be able
 * to grant those boxes themselves: `beyond_own_rights` otherwise. Nothing happens when they are in it already.
 */
export class JoinGroup {
  constructor(
    private readonly database: Database,
    private readonly grants: GrantRows,
    private readonly managers: Managers,
    private readonly rights: BoxRights,
  ) {}

  async run(ctx: RequestContext, groupId: string, memberId: string): Promise<void> {
    if (await this.database.read(ctx, (tx) => isThereAlready(tx, groupId, memberId))) return;
    await this.#join(ctx, groupId, memberId);
  }

  #join(ctx: RequestContext, groupId: string, memberId: string): Promise<null> {
    return this.database.act(ctx, async (tx) => {
      const { manager, member } = await this.managers.over(tx, ctx, 'group:manage', memberId);
      const { name } = requireLocal(await findGroup(tx, groupId));
      await requireToOpen(tx, this.rights, ctx, manager, await boxesOfGroup(tx, groupId));
      const isThere = await this.grants.insertMembership(tx, ctx.workspaceId, { group_id: groupId, member_id: memberId });
      if (!isThere) throw new MemberError('group_not_found'); // deleted at the same time
      const details = { groupId, name, memberId, email: member.email };
      return { result: null, event: { type: 'group.member_added', details } };
    });
  }
}

async function isThereAlready(tx: Queries, groupId: string, memberId: string): Promise<boolean> {
  requireLocal(await findGroup(tx, groupId));
  return isInGroup(tx, groupId, memberId);
}

/** Throws `group_not_found`, and `group_is_mapped` for one that an identity provider fills. */
export function requireLocal(group: StoredGroup | undefined): StoredGroup {
  if (!group) throw new MemberError('group_not_found');
  if (group.provider_id !== null) throw new MemberError('group_is_mapped');
  return group;
}
