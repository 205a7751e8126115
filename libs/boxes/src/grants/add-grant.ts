import type { BoxRights, GrantRows, RequestContext } from '#access';
import type { Database } from '#database';
import { openBoxToChange } from '../open-box.js';
import { type GrantView, grantView } from './grant-view.js';
import { findGrant } from './grant-store.js';
import { requireRoomForGrant } from './grants-max.js';
import { type GrantRequest, grantEvent, insertGrants, newGrant } from './insert-grants.js';

/** Lets one more principal into a box. Counts from the next request of whom it names, on every node. */
export class AddGrant {
  constructor(
    private readonly database: Database,
    private readonly rights: BoxRights,
    private readonly grants: GrantRows,
  ) {}

  run(ctx: RequestContext, boxId: string, request: GrantRequest): Promise<GrantView> {
    const { workspaceId } = ctx;
    return this.database.act(ctx, async (tx) => {
      await openBoxToChange(tx, this.rights, ctx, boxId);
      const grant = newGrant(boxId, request);
      await requireRoomForGrant(tx, boxId);
      await insertGrants(tx, this.grants, workspaceId, [grant]);
      const stored = await findGrant(tx, boxId, grant.grant_id);
      if (!stored) throw new Error('a grant is gone in the transaction that made it');
      const event = grantEvent('box.grant_added', grant, { before: null, after: grant.role });
      return { result: grantView(this.grants, workspaceId, stored), event };
    });
  }
}
