import { type RequestContext, besides } from '#access';
import type { AuditEvent, Queries } from '#audit';
import type { Database } from '#database';
import { EnvelopeError } from '#envelope';
import { KeyStrategyError } from '#key-strategies';
import { VaultError, type VaultState, findVaultState } from '#vaults';
import { failureDetails } from './failure-details.js';
import { ItemError } from './item-error.js';
import type { ItemPlaces } from './item-places.js';
import { type StoredItem, findItem } from './item-store.js';
import { type ItemView, itemView } from './item-view.js';
import { Overtaken, unlessOvertaken } from './overtaken.js';
import type { ItemAsRead } from './reseal-store.js';
import type { ResealFailure, ResealItems, ResealedItems } from './reseal-items.js';

/**
 * Seals an item with all its versions for another vault. For whoever may unseal, seal and delete it: they could do the same by
 * hand, and lose its history on the way; so this gives nobody anything. Managing vaults gives no right to a single item.
 */
export class MoveItemToVault {
  constructor(
    private readonly database: Database,
    private readonly resealItems: ResealItems,
    private readonly places: ItemPlaces,
  ) {}

  /** An item that is in the vault already stays as it is. */
  run(ctx: RequestContext, itemId: string, vaultId: string): Promise<ItemView> {
    return unlessOvertaken(() => this.#move(ctx, itemId, vaultId));
  }

  async #move(ctx: RequestContext, itemId: string, vaultId: string): Promise<ItemView> {
    const { row, target } = await this.database.read(ctx, (tx) => this.#find(tx, ctx, itemId, vaultId));
    if (row.vault_id === vaultId) return itemView(row);
    const item = asRead(row);
    const resealed = await this.#reseal(ctx, item, target);
    return this.database.act(ctx, async (tx) => {
      const { events } = await resealed.store(tx);
      const [event] = events;
      const after = await findItem(tx, itemId);
      if (!event || !after) throw new Overtaken();
      return { result: itemView(after), event, committed: resealed.committed };
    });
  }

  /** A failure on the way is on record before it is told. */
  async #reseal(ctx: RequestContext, item: ItemAsRead, target: VaultState): Promise<ResealedItems> {
    try {
      const resealed = await this.resealItems.run(ctx, [item], target);
      const [failure] = resealed.failed;
      if (failure) throw errorOf(failure.cause);
      return resealed;
    } catch (error) {
      await this.#recordFailure(ctx, item, error);
      throw error;
    }
  }

  async #find(tx: Queries, ctx: RequestContext, itemId: string, vaultId: string): Promise<{ row: StoredItem; target: VaultState }> {
    const row = await findItem(tx, itemId);
    if (!row) throw new ItemError('item_not_found');
    for (const action of ['item:delete', 'item:unseal', 'item:seal'] as const)
      await this.places.require(tx, ctx, { ...row, itemId }, action);
    const target = await findVaultState(tx, vaultId);
    if (!target) throw new VaultError('vault_not_found');
    return { row, target };
  }

  async #recordFailure(ctx: RequestContext, item: ItemAsRead, error: unknown): Promise<void> {
    const { boxId, vaultId, itemId, currentVersion: itemVersion } = item;
    const calls = error instanceof KeyStrategyError ? error.facts.calls : undefined;
    const details = { purpose: 'move', ...failureDetails(error) };
    const event: AuditEvent = { type: 'item.unseal.refused', boxId, vaultId, itemId, itemVersion, ...(calls && { calls }), details };
    await this.database.act(besides(ctx), () => ({ result: null, event }));
  }
}

function asRead(row: StoredItem): ItemAsRead {
  return { itemId: row.item_id, boxId: row.box_id, kind: row.kind, vaultId: row.vault_id, currentVersion: row.current_version };
}

const errorOf = (cause: ResealFailure): Error =>
  cause === 'not_intact' ? new EnvelopeError('not_intact') : new ItemError('item_too_large_to_move');
