import type { RequestContext } from '#access';
import type { Database } from '#database';
import { ItemError } from './item-error.js';
import { deleteItem } from './item-store.js';

/** Deletes an item with all its versions, for good. */
export class DeleteItem {
  constructor(private readonly database: Database) {}

  run(ctx: RequestContext, itemId: string): Promise<null> {
    return this.database.act(ctx, async (tx) => {
      const deleted = await deleteItem(tx, itemId);
      if (!deleted) throw new ItemError('item_not_found');
      const { vault_id: vaultId, current_version: itemVersion, kind, name } = deleted;
      return { result: null, event: { type: 'item.deleted', vaultId, itemId, itemVersion, details: { kind, name } } };
    });
  }
}
