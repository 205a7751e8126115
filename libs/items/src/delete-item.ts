import type { RequestContext } from '#access';
import type { Database } from '#database';
import { ItemError } from './item-error.js';
import type { ItemPlaces } from './item-places.js';
import { deleteItem, findItem } from './item-store.js';

/** Deletes an item with all its versions, for good. */
export class DeleteItem {
  constructor(
    private readonly database: Database,
    private readonly places: ItemPlaces,
  ) {}

  run(ctx: RequestContext, itemId: string): Promise<null> {
    return this.database.act(ctx, async (tx) => {
      const item = await findItem(tx, itemId);
      if (!item) throw new ItemError('item_not_found');
      await this.places.require(tx, ctx, { itemId, ...item }, 'item:delete');
      const deleted = await deleteItem(tx, itemId);
      if (!deleted) throw new ItemError('item_not_found');
      const { box_id: boxId, vault_id: vaultId, current_version: itemVersion, kind, name } = deleted;
      return { result: null, event: { type: 'item.deleted', boxId, vaultId, itemId, itemVersion, details: { kind, name } } };
    });
  }
}
