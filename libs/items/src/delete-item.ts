import type { BoxRights, RequestContext } from '#access';
import type { Database } from '#database';
import { ItemError } from './item-error.js';
import { deleteItem, findItem } from './item-store.js';

/** Deletes an item with all its versions, for good. */
export class DeleteItem {
  constructor(
    private readonly database: Database,
    private readonly rights: BoxRights,
  ) {}

  run(ctx: RequestContext, itemId: string): Promise<null> {
    return this.database.act(ctx, async (tx) => {
      const item = await findItem(tx, itemId);
      if (!item) throw new ItemError('item_not_found');
      await this.rights.require(tx, ctx, item.box_id, 'item:delete', () => new ItemError('item_not_found'));
      const deleted = await deleteItem(tx, itemId);
      if (!deleted) throw new ItemError('item_not_found');
      const { box_id: boxId, vault_id: vaultId, current_version: itemVersion, kind, name } = deleted;
      return { result: null, event: { type: 'item.deleted', boxId, vaultId, itemId, itemVersion, details: { kind, name } } };
    });
  }
}
