import { type RequestContext, besides } from '#access';
import type { Database } from '#database';
import { openItem } from '#envelope';
import type { ItemKind, SecretCategory } from './item-kinds.js';
import type { OpenStoredItem } from './open-stored-item.js';
import { type Payload, decodePayload } from './payload.js';

export interface UnsealedItem {
  id: string;
  kind: ItemKind;
  category: SecretCategory | null;
  name: string;
  boxId: string;
  vaultId: string;
  version: number;
  payload: Payload;
}

/** Opens one version of an item. The event is committed before the payload is answered; without it nothing leaves. */
export class UnsealItem {
  constructor(
    private readonly database: Database,
    private readonly openStoredItem: OpenStoredItem,
  ) {}

  async run(ctx: RequestContext, itemId: string, version?: number): Promise<UnsealedItem> {
    const {
      row,
      used,
      result: payload,
    } = await this.openStoredItem.run(ctx, { itemId, version, purpose: 'unseal' }, (key, sealed, binding) =>
      decodePayload(openItem(sealed, key, binding)),
    );
    const { box_id: boxId, vault_id: vaultId, kind, category, name } = row;
    // Beside the request's idempotency: a payload is never kept to be answered again.
    await this.database.act(besides(ctx), () => ({
      result: null,
      event: { type: 'item.unsealed', boxId, vaultId, itemId, itemVersion: row.version, ...used, details: { kind } },
    }));
    return { id: itemId, kind, category, name, boxId, vaultId, version: row.version, payload };
  }
}
