import { timingSafeEqual } from 'node:crypto';
import type { RequestContext } from '#access';
import type { AuditedCall } from '#audit';
import { EnvelopeError, type ItemBinding, openItem, sealItem } from '#envelope';
import { KeyStrategyError } from '#key-strategies';
import { type DataKeys, type SealedUnder, type StoredDataKey, type VaultState, permit } from '#vaults';
import type { ResealedVersion, VersionToReseal } from './reseal-store.js';

/** Called before a vault key is asked to open the data key of these versions; answers when that is on record. */
export type ResealIntent = (versions: readonly VersionToReseal[]) => Promise<void>;

export interface Resealed {
  versions: readonly ResealedVersion[];
  /** Items of which a version cannot be opened: none of their versions is among the resealed ones. */
  notIntact: ReadonlySet<string>;
  /** Data keys to insert in the same commit. */
  toStore: readonly StoredDataKey[];
  /** To be called after that very commit. */
  committed: () => void;
  /** By item: the requests to AWS that were made for it first. */
  calls: ReadonlyMap<string, readonly AuditedCall[]>;
}

interface OpenedVersion extends VersionToReseal {
  plaintext: Buffer;
}

/**
 * Opens versions and seals each anew for another vault, under a data key that came out of its wrap; what is to be stored is opened
 * again and compared. Stores nothing. Plaintext exists in here and nowhere else.
 *
 * Throws what stands against either vault, and what its key answers. What is not intact is no failure: it is told by item.
 */
export class ResealVersions {
  constructor(private readonly dataKeys: DataKeys) {}

  async run(ctx: RequestContext, versions: readonly VersionToReseal[], target: VaultState, intent: ResealIntent): Promise<Resealed> {
    permit('seal', target);
    const calls = new CallsByItem();
    const notIntact = new Set<string>();
    const opened: OpenedVersion[] = [];
    try {
      for (const group of groupsOf(versions)) opened.push(...(await this.#open(ctx, group, intent, calls, notIntact)));
      const whole = opened.filter(({ itemId }) => !notIntact.has(itemId));
      const batches = await this.#sealAll(ctx, whole, target, calls);
      return {
        versions: batches.flatMap(({ result }) => result),
        notIntact,
        toStore: batches.flatMap(({ toStore }) => toStore ?? []),
        committed: () => batches.forEach((batch) => batch.committed()),
        calls: calls.byItem,
      };
    } finally {
      for (const { plaintext } of opened) plaintext.fill(0);
    }
  }

  /** All versions under one data key. */
  async #open(
    ctx: RequestContext,
    group: readonly VersionToReseal[],
    intent: ResealIntent,
    calls: CallsByItem,
    notIntact: Set<string>,
  ): Promise<OpenedVersion[]> {
    const [first] = group;
    if (!first) return [];
    permit('unseal', first.vault);
    try {
      return await this.dataKeys.forOpening(
        ctx,
        first.vault,
        first.dataKey,
        () => intent(group),
        (key, used) => {
          calls.add(first.itemId, used.calls);
          return group.flatMap((version) =>
            openedOrNoted(version, () => openItem(version.sealed, key, bindingOf(ctx, version)), notIntact),
          );
        },
      );
    } catch (error) {
      if (!isNotIntact(error)) throw error;
      for (const { itemId } of group) notIntact.add(itemId);
      return [];
    }
  }

  /** Under one data key after the other, as many versions as each still takes. */
  async #sealAll(ctx: RequestContext, opened: readonly OpenedVersion[], target: VaultState, calls: CallsByItem) {
    const batches: SealedUnder<ResealedVersion[]>[] = [];
    for (let done = 0; done < opened.length; ) {
      const rest = opened.slice(done);
      const batch = await this.dataKeys.forResealing(ctx, target, rest.length, (key, dataKeyId, granted) =>
        rest.slice(0, granted).map((version) => {
          const { itemId, version: number, plaintext } = version;
          const binding: ItemBinding = { workspaceId: ctx.workspaceId, vaultId: target.vault_id, itemId, version: number, dataKeyId };
          const sealed = sealItem(plaintext, key, binding);
          requireSame(plaintext, openItem(sealed, key, binding));
          return { itemId, version: number, opened: version.sealed.commitment, dataKeyId, sealed };
        }),
      );
      if (rest[0]) calls.add(rest[0].itemId, batch.use.calls);
      batches.push(batch);
      done += batch.result.length;
    }
    return batches;
  }
}

class CallsByItem {
  readonly byItem = new Map<string, readonly AuditedCall[]>();

  add(itemId: string, calls: readonly AuditedCall[]): void {
    if (calls.length > 0) this.byItem.set(itemId, [...(this.byItem.get(itemId) ?? []), ...calls]);
  }
}

function groupsOf(versions: readonly VersionToReseal[]): VersionToReseal[][] {
  return [...Map.groupBy(versions, ({ dataKey }) => dataKey.dataKeyId).values()];
}

function openedOrNoted(version: VersionToReseal, open: () => Buffer, notIntact: Set<string>): OpenedVersion[] {
  try {
    return [{ ...version, plaintext: open() }];
  } catch (error) {
    if (!isNotIntact(error)) throw error;
    notIntact.add(version.itemId);
    return [];
  }
}

function isNotIntact(error: unknown): boolean {
  return (error instanceof EnvelopeError || error instanceof KeyStrategyError) && error.code === 'not_intact';
}

function bindingOf({ workspaceId }: RequestContext, { itemId, version, dataKey }: VersionToReseal): ItemBinding {
  return { workspaceId, vaultId: dataKey.vaultId, itemId, version, dataKeyId: dataKey.dataKeyId };
}

/** Fills `again` with zeros. */
function requireSame(first: Buffer, again: Buffer): void {
  const isSame = first.length === again.length && timingSafeEqual(first, again);
  again.fill(0);
  if (!isSame) throw new EnvelopeError('not_intact');
}
