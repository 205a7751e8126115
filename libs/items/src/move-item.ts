import type { BoxRights, RequestContext } from '#access';
import type { Queries } from '#audit';
import { BoxError, holdLiveBox } from '#boxes';
import type { Database } from '#database';
import { ItemError } from './item-error.js';
import type { ItemPlaces } from './item-places.js';
import { type StoredItem, findItem, lockItem, placeItem } from './item-store.js';
import { type ItemView, itemView } from './item-view.js';

/**
 * Puts an item into another box, for who may delete it in the one and seal it in the other. Nothing is sealed anew: the
 * envelope binds the vault, and not the box.
 */
export class MoveItem {
  constructor(
    private readonly database: Database,
    private readonly rights: BoxRights,
    private readonly places: ItemPlaces,
  ) {}

  run(ctx: RequestContext, itemId: string, boxId: string): Promise<ItemView> {
    return this.database.act(ctx, async (tx) => {
      const item = await this.#takeOut(tx, ctx, itemId);
      await this.#requireTarget(tx, ctx, boxId);
      const moved = await placeItem(tx, { itemId, boxId, placeMac: this.places.macOf(ctx.workspaceId, itemId, boxId) });
      const { vault_id: vaultId, current_version: itemVersion } = item;
      const details = { before: { boxId: item.box_id }, after: { boxId } };
      return { result: itemView(moved), event: { type: 'item.updated', boxId, vaultId, itemId, itemVersion, details } };
    });
  }

  /** Of two moves at once the second starts from where the first ended. */
  async #takeOut(tx: Queries, ctx: RequestContext, itemId: string): Promise<StoredItem> {
    await lockItem(tx, itemId);
    const item = await findItem(tx, itemId);
    if (!item) throw new ItemError('item_not_found');
    await this.places.require(tx, ctx, { itemId, ...item }, 'item:delete');
    return item;
  }

  async #requireTarget(tx: Queries, ctx: RequestContext, boxId: string): Promise<void> {
    if (!(await holdLiveBox(tx, boxId))) throw new BoxError('box_not_found');
    await this.rights.require(tx, ctx, boxId, 'item:seal', () => new BoxError('box_not_found'));
  }
}
