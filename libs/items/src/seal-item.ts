import { randomUUIDv7 } from 'node:crypto';
import type { BoxRights, RequestContext } from '#access';
import type { AuditEvent, Queries } from '#audit';
import { BoxError, findLiveBoxId } from '#boxes';
import type { Database } from '#database';
import { type SealedItem, sealItem } from '#envelope';
import { type DataKeys, type SealedUnder, VaultError, type VaultState, findVaultState, insertDataKey, permit } from '#vaults';
import { ItemError } from './item-error.js';
import type { ItemKind, SecretCategory } from './item-kinds.js';
import type { ItemPlaces } from './item-places.js';
import { insertItem } from './item-store.js';
import type { ItemView } from './item-view.js';
import { unlessOvertaken } from './overtaken.js';
import { type Payload, encodePayload } from './payload.js';

export interface SealItemRequest {
  kind: ItemKind;
  category?: SecretCategory | undefined;
  name: string;
  /** The workspace's default box when absent. */
  boxId?: string | undefined;
  /** The workspace's default vault when absent. */
  vaultId?: string | undefined;
  payload: Payload;
}

/** Seals a new item into a vault: the item, its data key when that is new, and the event are one commit. */
export class SealItem {
  constructor(
    private readonly database: Database,
    private readonly dataKeys: DataKeys,
    private readonly rights: BoxRights,
    private readonly places: ItemPlaces,
  ) {}

  async run(ctx: RequestContext, request: SealItemRequest): Promise<ItemView> {
    if (request.kind === 'account' && request.category) throw new ItemError('category_not_possible');
    return unlessOvertaken(() => this.#seal(ctx, request));
  }

  async #seal(ctx: RequestContext, request: SealItemRequest): Promise<ItemView> {
    const { boxId, vault } = await this.database.read(ctx, (tx) => this.#places(tx, ctx, request));
    permit('seal', vault);
    const itemId = randomUUIDv7();
    const vaultId = vault.vault_id;
    const plaintext = encodePayload(request.payload);
    try {
      const sealed = await this.dataKeys.forSealing(ctx, vault, 1, (key, dataKeyId) =>
        sealItem(plaintext, key, { workspaceId: ctx.workspaceId, vaultId, itemId, version: 1, dataKeyId }),
      );
      return await this.#store(ctx, request, { itemId, boxId, vaultId }, sealed);
    } finally {
      plaintext.fill(0);
    }
  }

  async #places(tx: Queries, ctx: RequestContext, request: SealItemRequest): Promise<{ boxId: string; vault: VaultState }> {
    const [boxId, vault] = await Promise.all([findLiveBoxId(tx, request.boxId), findVaultState(tx, request.vaultId)]);
    if (boxId === undefined) throw new BoxError('box_not_found');
    await this.rights.require(tx, ctx, boxId, 'item:seal', () => new BoxError('box_not_found'));
    if (!vault) throw new VaultError('vault_not_found');
    return { boxId, vault };
  }

  async #store(
    ctx: RequestContext,
    { kind, category, name }: SealItemRequest,
    { itemId, boxId, vaultId }: { itemId: string; boxId: string; vaultId: string },
    { result: sealed, dataKey: { dataKeyId }, toStore, committed, use }: SealedUnder<SealedItem>,
  ): Promise<ItemView> {
    const event: AuditEvent = { type: 'item.created', boxId, vaultId, itemId, itemVersion: 1, ...use, details: { kind } };
    const placeMac = this.places.macOf(ctx.workspaceId, itemId, boxId);
    return this.database.act(ctx, (tx) => {
      if (toStore) insertDataKey(tx, toStore).catch(() => undefined); // the commit tells, and so does the item's foreign key
      const inserted = insertItem(tx, { itemId, boxId, placeMac, vaultId, kind, category, name, dataKeyId, sealed });
      const result = inserted.then((at) => newItemView({ id: itemId, kind, category: category ?? null, name, boxId, vaultId }, at));
      return { result, event, committed };
    });
  }
}

function newItemView(item: Omit<ItemView, 'version' | 'createdAt' | 'updatedAt'>, at: Date): ItemView {
  return { ...item, version: 1, createdAt: at.toISOString(), updatedAt: at.toISOString() };
}
