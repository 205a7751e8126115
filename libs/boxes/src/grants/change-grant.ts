import type { BoxRights, BoxRole, GrantRows, RequestContext } from '#access';
import type { Queries } from '#audit';
import type { Database } from '#database';
import { BoxError } from '../box-error.js';
import { openBoxToChange } from '../open-box.js';
import { type StoredGrant, deleteGrant, findGrant } from './grant-store.js';
import { type GrantView, grantView } from './grant-view.js';
import { grantEvent } from './insert-grants.js';

/** Gives whom a grant names another role in the box, or none any more. The owner group's grant goes with the box. */
export class ChangeGrant {
  constructor(
    private readonly database: Database,
    private readonly rights: BoxRights,
    private readonly grants: GrantRows,
  ) {}

  toRole(ctx: RequestContext, boxId: string, grantId: string, role: BoxRole): Promise<GrantView> {
    const { workspaceId } = ctx;
    return this.database.act(ctx, async (tx) => {
      const grant = await this.#open(tx, ctx, boxId, grantId);
      if (!this.grants.isGenuine(workspaceId, grant)) throw new BoxError('grant_not_intact');
      await this.grants.changeRole(tx, workspaceId, grant, role);
      const changed = (await findGrant(tx, boxId, grantId)) ?? grant;
      const event = grantEvent('box.grant_changed', grant, { before: grant.role, after: role });
      return { result: grantView(this.grants, workspaceId, changed), event };
    });
  }

  remove(ctx: RequestContext, boxId: string, grantId: string): Promise<null> {
    return this.database.act(ctx, async (tx) => {
      const grant = await this.#open(tx, ctx, boxId, grantId);
      await deleteGrant(tx, boxId, grantId);
      return { result: null, event: grantEvent('box.grant_removed', grant, { before: grant.role, after: null }) };
    });
  }

  /** Under the lock of the box, so that nobody else changes it meanwhile. */
  async #open(tx: Queries, ctx: RequestContext, boxId: string, grantId: string): Promise<StoredGrant> {
    await openBoxToChange(tx, this.rights, ctx, boxId);
    const grant = await findGrant(tx, boxId, grantId);
    if (!grant) throw new BoxError('grant_not_found');
    if (grant.is_owner_group) throw new BoxError('grant_of_owner_group');
    return grant;
  }
}
