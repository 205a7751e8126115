import type { RequestContext } from '#access';
import { type Database, isForeignKeyViolation } from '#database';
import { boxesOfGroup, deleteGroup, findGroup } from './group-store.js';
import { MemberError } from './member-error.js';

/** Deletes a group that opens no box. */
export class DeleteGroup {
  constructor(private readonly database: Database) {}

  async run(ctx: RequestContext, groupId: string): Promise<void> {
    try {
      await this.#delete(ctx, groupId);
    } catch (error) {
      // granted at the same time
      if (isForeignKeyViolation(error, 'box_grants_workspace_id_group_id_fkey')) throw inUse(1);
      throw error;
    }
  }

  #delete(ctx: RequestContext, groupId: string): Promise<null> {
    return this.database.act(ctx, async (tx) => {
      const group = await findGroup(tx, groupId);
      if (!group) throw new MemberError('group_not_found');
      const boxes = await boxesOfGroup(tx, groupId);
      if (boxes.length > 0) throw inUse(boxes.length);
      if (!(await deleteGroup(tx, groupId))) throw new MemberError('group_not_found');
      const { name, provider_id: providerId, claim_value: claimValue, member_count: memberCount } = group;
      return { result: null, event: { type: 'group.deleted', details: { groupId, name, providerId, claimValue, memberCount } } };
    });
  }
}

function inUse(boxes: number): MemberError {
  return new MemberError('group_in_use', { cause: boxes === 1 ? '1 box is granted to it.' : `${boxes} boxes are granted to it.` });
}
