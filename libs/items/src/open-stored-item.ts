import { type RequestContext, besides } from '#access';
import type { AuditEvent, EventType, Queries } from '#audit';
import type { Database } from '#database';
import { EnvelopeError, type ItemBinding, type KeyBytes, type SealedItem } from '#envelope';
import { KeyStrategyError } from '#key-strategies';
import { type DataKeys, type KeyUse, type StoredDataKey, permit } from '#vaults';
import { failureDetails } from './failure-details.js';
import { ItemError } from './item-error.js';
import type { ItemPlaces } from './item-places.js';
import { type StoredSealedItem, findSealedItem } from './item-store.js';

export interface OpenRequest {
  itemId: string;
  /** The current version when absent. */
  version?: number | undefined;
  purpose: 'unseal' | 'export';
}

export interface Opened<Result> {
  row: StoredSealedItem;
  result: Result;
  used: KeyUse;
}

interface Openable {
  binding: ItemBinding;
  sealed: SealedItem;
  dataKey: StoredDataKey;
}

const REFUSED = { unseal: 'item.unseal.refused', export: 'item.export_refused' } as const satisfies Record<string, EventType>;

/**
 * The way to a stored version that unseal and export share: one query, the vault's word, the data key (with the intent on record
 * before its vault key is asked), and whatever `use` does with it. A failure on the way is on record before it is told.
 */
export class OpenStoredItem {
  constructor(
    private readonly database: Database,
    private readonly dataKeys: DataKeys,
    private readonly places: ItemPlaces,
  ) {}

  async run<Result>(
    ctx: RequestContext,
    { itemId, version, purpose }: OpenRequest,
    use: (key: KeyBytes, sealed: SealedItem, binding: ItemBinding) => Result,
  ): Promise<Opened<Result>> {
    const row = await this.database.read(ctx, (tx) => this.#find(tx, ctx, { itemId, version, purpose }));
    if (!row.has_version && row.version > row.current_version) throw new ItemError('item_version_not_found');
    const about = { boxId: row.box_id, vaultId: row.vault_id, itemId, itemVersion: row.version };
    try {
      const { binding, sealed, dataKey } = openable(ctx.workspaceId, itemId, row);
      permit('unseal', row);
      const intent = () => this.#record(ctx, { type: 'item.unseal.requested', ...about, details: { purpose } });
      return await this.dataKeys.forOpening(ctx, row, dataKey, intent, (key, used) => ({ row, used, result: use(key, sealed, binding) }));
    } catch (error) {
      const calls = error instanceof KeyStrategyError ? error.facts.calls : undefined;
      await this.#record(ctx, { type: REFUSED[purpose], ...about, ...(calls ? { calls } : {}), details: failureDetails(error) });
      throw error;
    }
  }

  async #find(tx: Queries, ctx: RequestContext, { itemId, version, purpose }: OpenRequest): Promise<StoredSealedItem> {
    const row = await findSealedItem(tx, itemId, version);
    if (!row) throw new ItemError('item_not_found');
    await this.places.require(tx, ctx, { itemId, ...row }, `item:${purpose}`);
    return row;
  }

  async #record(ctx: RequestContext, event: AuditEvent): Promise<void> {
    await this.database.act(besides(ctx), () => ({ result: null, event }));
  }
}

/**
 * The parts of a stored version, the binding rebuilt from where it stands: a row that was moved, or whose key is gone, opens
 * nothing. Throws `not_intact`.
 */
function openable(workspaceId: string, itemId: string, row: StoredSealedItem): Openable {
  const { vault_id: vaultId, data_key_id: dataKeyId, vault_key_id: vaultKeyId, wrapped, mac, version } = row;
  const { salt, iv, ciphertext, tag, commitment } = row;
  if (!vaultId || !dataKeyId || !vaultKeyId || !wrapped || !mac || !salt || !iv || !ciphertext || !tag || !commitment)
    throw new EnvelopeError('not_intact');
  return {
    binding: { workspaceId, vaultId, itemId, version, dataKeyId },
    sealed: { salt, iv, ciphertext, tag, commitment },
    dataKey: { vaultId, dataKeyId, vaultKeyId, wrapped, mac },
  };
}
