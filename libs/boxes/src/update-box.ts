import type { BoxRights, GrantRows, RequestContext } from '#access';
import type { AuditEvent, Queries } from '#audit';
import { type Database, isUniqueViolation } from '#database';
import { BoxError } from './box-error.js';
import { type StoredBox, findBox, updateBox } from './box-store.js';
import { type BoxView, viewFor } from './box-view.js';
import { deleteGrant, findGrantOfGroup } from './grants/grant-store.js';
import { grantEvent, insertGrants, ownerGrant } from './grants/insert-grants.js';
import { openBoxToChange } from './open-box.js';
import { requireOwnerGroup } from './owner-group.js';

export interface BoxChange {
  name?: string | undefined;
  description?: string | undefined;
  ownerGroupId?: string | undefined;
}

/** Changes what a box is called and which group owns it; what is not named stays. */
export class UpdateBox {
  constructor(
    private readonly database: Database,
    private readonly rights: BoxRights,
    private readonly grants: GrantRows,
  ) {}

  async run(ctx: RequestContext, boxId: string, change: BoxChange): Promise<BoxView> {
    try {
      return await this.database.act(ctx, async (tx) => {
        const before = await openBoxToChange(tx, this.rights, ctx, boxId);
        const passedOn = await this.#passOn(tx, ctx, before, change.ownerGroupId ?? before.owner_group_id);
        await updateBox(tx, boxId, change);
        const after = (await findBox(tx, boxId, 'live')) ?? before;
        const details = { before: factsOf(before), after: factsOf(after) };
        return { result: await viewFor(tx, this.rights, ctx, after), event: [{ type: 'box.updated', boxId, details }, ...passedOn] };
      });
    } catch (error) {
      if (isUniqueViolation(error, 'boxes_name_key')) throw new BoxError('box_name_taken');
      throw error;
    }
  }

  /** The group that owned the box has no part in it afterwards; whatever the new one had gives way to owning it. */
  async #passOn(tx: Queries, ctx: RequestContext, box: StoredBox, groupId: string | null): Promise<AuditEvent[]> {
    const { box_id: boxId, owner_group_id: formerId } = box;
    if (groupId === null || groupId === formerId) return [];
    await requireOwnerGroup(tx, this.grants, ctx, groupId);
    const events: AuditEvent[] = [];
    for (const group of formerId === null ? [groupId] : [formerId, groupId]) {
      const grant = await findGrantOfGroup(tx, boxId, group);
      if (!grant) continue;
      await deleteGrant(tx, boxId, grant.grant_id);
      events.push(grantEvent('box.grant_removed', grant, { before: grant.role, after: null }));
    }
    const grant = ownerGrant(boxId, groupId);
    await insertGrants(tx, this.grants, ctx.workspaceId, [grant]);
    return [...events, grantEvent('box.grant_added', grant, { before: null, after: 'owner' })];
  }
}

function factsOf({ name, description, owner_group_id: ownerGroupId }: StoredBox) {
  return { name, description, ownerGroupId };
}
