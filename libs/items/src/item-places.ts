import { type Action, type BoxRights, type RequestContext, type RowMacs } from '#access';
import type { Queries } from '#audit';
import { ItemError } from './item-error.js';

/** In which box an item is, as its row says. */
export interface ItemPlace {
  itemId: string;
  box_id: string;
  /** Null for what was sealed before there were boxes. */
  place_mac: Buffer | null;
}

/**
 * Which box an item is in decides who may read it, and the envelope does not bind it: moving an item seals nothing anew. So the
 * place carries a MAC, as grants do: who can write to the database cannot put an item into a box that they may read.
 */
export class ItemPlaces {
  constructor(
    private readonly macs: RowMacs,
    private readonly rights: BoxRights,
  ) {}

  macOf(workspaceId: string, itemId: string, boxId: string): Buffer {
    return this.macs.of('item-place', [workspaceId, itemId, boxId]);
  }

  /** Throws `item_not_found` when the item is nothing to `ctx`, and `forbidden` when it may do something with it but not this. */
  async require(tx: Queries, ctx: RequestContext, place: ItemPlace, action: Action): Promise<void> {
    if (!this.#isGenuine(ctx, place)) throw new ItemError('item_not_found');
    await this.rights.require(tx, ctx, place.box_id, action, () => new ItemError('item_not_found'));
  }

  /** To a key that is for every box it makes no difference where an item is. */
  #isGenuine({ workspaceId, reach }: RequestContext, { itemId, box_id, place_mac }: ItemPlace): boolean {
    if (reach.by === 'scope' && reach.boxIds === 'all') return true;
    return place_mac !== null && this.macs.isOurs('item-place', [workspaceId, itemId, box_id], place_mac);
  }
}
