import type { BoxRights, RequestContext } from '#access';
import type { Database } from '#database';
import { BoxError } from './box-error.js';
import { countItems, findBox, lockBoxesOfWorkspace, markBoxDeleted } from './box-store.js';
import { type BoxView, viewFor } from './box-view.js';
import { openBoxToChange } from './open-box.js';

/** Takes a box away with all that is in it. For some days that can be undone. */
export class DeleteBox {
  constructor(
    private readonly database: Database,
    private readonly rights: BoxRights,
  ) {}

  run(ctx: RequestContext, boxId: string): Promise<BoxView> {
    return this.database.act(ctx, async (tx) => {
      await lockBoxesOfWorkspace(tx);
      const box = await openBoxToChange(tx, this.rights, ctx, boxId);
      if (box.is_default) throw new BoxError('box_is_default');
      await markBoxDeleted(tx, boxId);
      const deleted = await findBox(tx, boxId, 'deleted');
      if (!deleted) throw new Error('a box is gone in the transaction that deletes it');
      const details = { name: box.name, items: await countItems(tx, boxId), purgeAt: deleted.purge_at?.toISOString() };
      return { result: await viewFor(tx, this.rights, ctx, deleted), event: { type: 'box.deleted', boxId, details } };
    });
  }
}
