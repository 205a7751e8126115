import { type RequestContext, besides } from '#access';
import type { AuditEvent, Queries } from '#audit';
import type { Database } from '#database';
import { ITEM_PLAINTEXT_BYTES_MAX } from '#envelope';
import { type VaultState, insertDataKey } from '#vaults';
import { Overtaken } from './overtaken.js';
import {
  type FoundItem,
  type ItemAsRead,
  type VersionToReseal,
  assignItems,
  findVersionsToReseal,
  holdOpenVault,
  lockAsRead,
  sealedBytesOf,
} from './reseal-store.js';
import type { ResealVersions, Resealed } from './reseal-versions.js';

/** All versions of an item are opened and stored together: 64 of the largest. */
const ITEM_BYTES_MAX = 64 * ITEM_PLAINTEXT_BYTES_MAX;

/** Why an item cannot be resealed; it stays as it is. */
export type ResealFailure = 'not_intact' | 'too_large';

interface FailedItem {
  item: ItemAsRead;
  cause: ResealFailure;
}

export interface ResealedItems {
  failed: readonly FailedItem[];
  /**
   * Puts the items into their new vault, in a transaction that may not be committed when this throws Overtaken. Answers those that
   * were moved, with an event for each: whoever was changed since they were read is not among them.
   */
  store(tx: Queries): Promise<{ moved: readonly ItemAsRead[]; events: readonly AuditEvent[] }>;
  /** To be called after that very commit. */
  committed: () => void;
}

/** Seals items of one vault anew for another one, with all their versions. */
export class ResealItems {
  constructor(
    private readonly database: Database,
    private readonly resealVersions: ResealVersions,
  ) {}

  /** @param items all in one vault, which is not `target` */
  async run(ctx: RequestContext, items: readonly ItemAsRead[], target: VaultState): Promise<ResealedItems> {
    const from = items[0]?.vaultId ?? target.vault_id;
    const { found, failed } = await this.#read(ctx, items);
    const intent = (group: readonly VersionToReseal[]) => this.#recordIntent(ctx, items, group);
    const versions = found.flatMap((one) => one.versions);
    const resealed = await this.resealVersions.run(ctx, versions, target, intent);
    const isBroken = ({ itemId }: ItemAsRead) => resealed.notIntact.has(itemId);
    const broken = found.filter(({ item }) => isBroken(item)).map(({ item }) => ({ item, cause: 'not_intact' as const }));
    const whole = found.map(({ item }) => item).filter((item) => !isBroken(item));
    return {
      failed: [...failed, ...broken],
      store: (tx) => store(tx, { from, to: target.vault_id, items: whole, resealed }),
      committed: resealed.committed,
    };
  }

  /** What was changed since it was read is neither found nor failed. An item of which a version is missing is not intact. */
  #read(ctx: RequestContext, items: readonly ItemAsRead[]): Promise<{ found: FoundItem[]; failed: FailedItem[] }> {
    return this.database.read(ctx, async (tx) => {
      const failed: FailedItem[] = [];
      const fitting: ItemAsRead[] = [];
      for (const item of items) {
        if ((await sealedBytesOf(tx, item.itemId)) > ITEM_BYTES_MAX) failed.push({ item, cause: 'too_large' });
        else fitting.push(item);
      }
      const found = await findVersionsToReseal(tx, fitting);
      const isWhole = ({ item, versions }: FoundItem) => versions.length === item.currentVersion;
      failed.push(...found.filter((one) => !isWhole(one)).map(({ item }) => ({ item, cause: 'not_intact' as const })));
      return { found: found.filter(isWhole), failed };
    });
  }

  async #recordIntent(ctx: RequestContext, items: readonly ItemAsRead[], group: readonly VersionToReseal[]): Promise<void> {
    const boxes = new Map(items.map(({ itemId, boxId }) => [itemId, boxId]));
    const [first, ...others] = group.map(
      ({ itemId, version, vault }): AuditEvent => ({
        type: 'item.unseal.requested',
        boxId: boxes.get(itemId),
        vaultId: vault.vault_id,
        itemId,
        itemVersion: version,
        details: { purpose: 'move' },
      }),
    );
    if (first) await this.database.act(besides(ctx), () => ({ result: null, event: [first, ...others] }));
  }
}

interface ToStore {
  from: string;
  to: string;
  items: readonly ItemAsRead[];
  resealed: Resealed;
}

async function store(tx: Queries, { from, to, items, resealed }: ToStore) {
  if (!(await holdOpenVault(tx, to))) throw new Overtaken();
  for (const dataKey of resealed.toStore) if (!(await insertDataKey(tx, dataKey))) throw new Overtaken();
  const moved = await lockAsRead(tx, items);
  const ids = new Set(moved.map(({ itemId }) => itemId));
  const versions = resealed.versions.filter(({ itemId }) => ids.has(itemId));
  if (!(await assignItems(tx, { from, to, items: moved, versions }))) throw new Overtaken();
  return { moved, events: moved.map((item) => assigned(item, to, resealed)) };
}

function assigned(
  { itemId, boxId, kind, vaultId: before, currentVersion: itemVersion }: ItemAsRead,
  to: string,
  { calls }: Resealed,
): AuditEvent {
  const made = calls.get(itemId);
  const details = { kind, before: { vaultId: before }, after: { vaultId: to } };
  return { type: 'item.vault.assigned', boxId, vaultId: to, itemId, itemVersion, ...(made && { calls: made }), details };
}
