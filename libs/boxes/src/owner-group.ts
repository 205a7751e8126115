import { type GrantRows, type RequestContext, asRefusal, handsOutEveryBox } from '#access';
import type { Queries } from '#audit';
import { BoxError } from './box-error.js';

/**
 * Who makes a group the owner of a box is in it, or may hand out access to every box: nobody puts boxes before others. A group
 * that is not there is one that they are not in.
 */
export async function requireOwnerGroup(tx: Queries, grants: GrantRows, ctx: RequestContext, groupId: string): Promise<void> {
  if (handsOutEveryBox(ctx.actions, ctx)) return;
  const memberId = ctx.reach.by === 'grants' ? ctx.reach.memberId : undefined;
  const isIn = memberId !== undefined && (await grants.isInGroup(tx, ctx.workspaceId, { group_id: groupId, member_id: memberId }));
  if (!isIn) throw asRefusal(new BoxError('not_in_owner_group'));
}
