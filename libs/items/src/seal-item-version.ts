import type { RequestContext } from '#access';
import type { AuditEvent, Queries } from '#audit';
import { type Database, isForeignKeyViolation, isUniqueViolation } from '#database';
import { type SealedItem, sealItem } from '#envelope';
import { type DataKeys, type SealedUnder, insertDataKey, permit } from '#vaults';
import { ItemError } from './item-error.js';
import type { ItemPlaces } from './item-places.js';
import type { SecretCategory } from './item-kinds.js';
import { type ItemWithVault, addVersion, findItem, findItemWithVault } from './item-store.js';
import { type ItemView, itemView } from './item-view.js';
import { Overtaken, unlessOvertaken } from './overtaken.js';
import { type Payload, encodePayload } from './payload.js';

export interface NewVersionRequest {
  name?: string | undefined;
  category?: SecretCategory | undefined;
  payload: Payload;
}

/** Seals a new version of an item into the vault where the item is; older versions stay. */
export class SealItemVersion {
  constructor(
    private readonly database: Database,
    private readonly dataKeys: DataKeys,
    private readonly places: ItemPlaces,
  ) {}

  run(ctx: RequestContext, itemId: string, request: NewVersionRequest): Promise<ItemView> {
    return unlessOvertaken(() => this.#seal(ctx, itemId, request));
  }

  async #seal(ctx: RequestContext, itemId: string, request: NewVersionRequest): Promise<ItemView> {
    const item = await this.database.read(ctx, (tx) => this.#find(tx, ctx, itemId));
    if (item.kind === 'account' && request.category) throw new ItemError('category_not_possible');
    permit('seal', item);
    const plaintext = encodePayload(request.payload);
    try {
      const binding = { workspaceId: ctx.workspaceId, vaultId: item.vault_id, itemId, version: item.current_version + 1 };
      const sealed = await this.dataKeys.forSealing(ctx, item, 1, (key, dataKeyId) => sealItem(plaintext, key, { ...binding, dataKeyId }));
      return await this.#store(ctx, itemId, item, request, sealed);
    } finally {
      plaintext.fill(0);
    }
  }

  async #find(tx: Queries, ctx: RequestContext, itemId: string): Promise<ItemWithVault> {
    const item = await findItemWithVault(tx, itemId);
    if (!item) throw new ItemError('item_not_found');
    await this.places.require(tx, ctx, { itemId, ...item }, 'item:seal');
    return item;
  }

  async #store(
    ctx: RequestContext,
    itemId: string,
    { box_id: boxId, vault_id: vaultId, current_version, kind }: ItemWithVault,
    { name, category }: NewVersionRequest,
    { result: sealed, dataKey: { dataKeyId }, toStore, committed, use }: SealedUnder<SealedItem>,
  ): Promise<ItemView> {
    const version = current_version + 1;
    try {
      return await this.database.act(ctx, async (tx) => {
        if (toStore) await insertDataKey(tx, toStore);
        const row = await addVersion(tx, { itemId, version, vaultId, name, category, dataKeyId, sealed });
        if (!row) throw (await isElsewhere(tx, itemId, vaultId)) ? new Overtaken() : new ItemError('item_version_conflict');
        const event: AuditEvent = { type: 'item.updated', boxId, vaultId, itemId, itemVersion: version, ...use, details: { kind } };
        return { result: itemView(row), event, committed };
      });
    } catch (error) {
      if (isUniqueViolation(error, 'item_versions_pkey')) throw new ItemError('item_version_conflict');
      if (isForeignKeyViolation(error, 'item_versions_workspace_id_item_id_fkey')) throw new ItemError('item_not_found'); // just deleted
      throw error;
    }
  }
}

async function isElsewhere(tx: Queries, itemId: string, vaultId: string): Promise<boolean> {
  const item = await findItem(tx, itemId);
  return item !== undefined && item.vault_id !== vaultId;
}
