import { type RequestContext, besides } from '#access';
import type { Database } from '#database';
import { type FlattenedJwe, exportItem } from '#envelope';
import type { KeyStrategyCatalog } from '#key-strategies';
import type { VaultKeys } from '#vaults';
import { ItemError } from './item-error.js';
import type { ItemPlaces } from './item-places.js';
import { findSealedItem } from './item-store.js';
import type { OpenStoredItem } from './open-stored-item.js';

/** The way out: an item as JWE whose key is wrapped for the owner of the vault key, who opens it with nothing of ours. */
export class ExportItem {
  constructor(
    private readonly database: Database,
    private readonly openStoredItem: OpenStoredItem,
    private readonly vaultKeys: VaultKeys,
    private readonly strategies: KeyStrategyCatalog,
    private readonly places: ItemPlaces,
  ) {}

  async run(ctx: RequestContext, itemId: string, version?: number): Promise<FlattenedJwe> {
    const recipient = await this.#recipient(ctx, itemId);
    const { row, used, result } = await this.openStoredItem.run(ctx, { itemId, version, purpose: 'export' }, (key, sealed, binding) =>
      exportItem(sealed, key, binding, recipient),
    );
    const { box_id: boxId, vault_id: vaultId, version: itemVersion } = row;
    const details = { keyId: recipient.keyId };
    await this.database.act(besides(ctx), () => ({
      result: null,
      event: { type: 'item.exported', boxId, vaultId, itemId, itemVersion, ...used, details },
    }));
    return result;
  }

  async #recipient(ctx: RequestContext, itemId: string) {
    const { workspaceId } = ctx;
    const key = await this.database.read(ctx, async (tx) => {
      const row = await findSealedItem(tx, itemId, undefined);
      if (!row) throw new ItemError('item_not_found');
      await this.places.require(tx, ctx, { itemId, ...row }, 'item:export');
      return this.vaultKeys.find(tx, { workspaceId, vaultId: row.vault_id, vaultKeyId: row.active_vault_key_id });
    });
    const recipient = this.strategies.get(key.strategy).exportRecipient(key);
    if (!recipient) throw new ItemError('export_not_possible');
    return recipient;
  }
}
