import { LRUCache } from 'lru-cache';
import { randomUUIDv7 } from 'node:crypto';
import type { RequestContext } from '#access';
import type { Database } from '#database';
import { KeyBytes, type RootKey, type WrapContext } from '#envelope';
import { type KeyCall, type KeyHealth, type KeyStrategyCatalog, KeyStrategyError, type KeyWrapper } from '#key-strategies';
import { AskVaultKey } from '../ask-vault-key.js';
import type { VaultKeyUses } from '../health/vault-key-uses.js';
import type { RecordRefusal } from '../record-refusal.js';
import type { VaultKeys } from '../vault-keys.js';
import type { VaultKeyId, VaultState } from '../vault-store.js';
import type { StoredDataKey } from './data-key-store.js';
import { type VaultKeyUse, dataKeyLookups } from './key-signals.js';
import { type KeyUse, PlaintextCache, type ProvedKey, keyUse } from './plaintext-cache.js';

/** Nothing is sealed under a key that has not proved itself for longer than this. */
const SEALING_PROOF_SECONDS_MAX = 60;
const PLAINTEXT_KEYS_MAX = 10_000;
const SEALING_KEYS_MAX = 10_000;
/** No fewer than the keys above: a vault of which a key is open is known. */
const VAULTS_KNOWN_MAX = 2 * PLAINTEXT_KEYS_MAX;

/** The data key under which this process seals into a vault at the moment. */
interface SealingKey {
  stored: StoredDataKey;
  /** Whether a commit with this key's row is known to have happened. */
  committed: boolean;
  /** The requests to AWS that wrapped it: they belong to the events of the seals up to that commit. */
  wrapCalls: readonly KeyCall[];
  versionsSealed: number;
  /** Whether its wrap was opened since: what is sealed under the bytes that came out of it can be opened again. */
  isOpened: boolean;
  /** Milliseconds of the monotonic clock. */
  madeAt: number;
}

/** The fields that decide about an open data key: of its vault, and the health of its vault key. */
export type DataKeyVault = Pick<VaultState, 'vault_id' | 'key_health' | 'data_key_cache_seconds' | 'data_key_epoch'>;

/** Where a vault is by what this process has heard. */
interface Epoch {
  number: number;
  /** How many keys of earlier ones were open when it began. */
  dropped: number;
}

export interface SealedUnder<Result> {
  result: Result;
  dataKey: StoredDataKey;
  /** `dataKey`, to be inserted in the same commit, until one commit with it is known. */
  toStore: StoredDataKey | undefined;
  /** To be called after that very commit. */
  committed: () => unknown;
  use: KeyUse;
}

/**
 * Data keys in plaintext, for the length of a callback.
 *
 * Each process makes its own data keys and counts their uses itself, so that the bound on item versions per data key holds
 * without a shared counter that every seal of a vault would have to lock.
 */
export class DataKeys {
  readonly #vaultKey: AskVaultKey;
  readonly #plaintext: PlaintextCache;
  readonly #epochs = new LRUCache<string, Epoch>({ max: VAULTS_KNOWN_MAX });
  readonly #sealing = new LRUCache<string, SealingKey>({ max: SEALING_KEYS_MAX });
  readonly #making = new Map<string, Promise<void>>();
  readonly #unwrapping = new Map<string, Promise<ProvedKey>>();

  constructor(
    database: Database,
    vaultKeys: VaultKeys,
    strategies: KeyStrategyCatalog,
    private readonly rootKey: RootKey,
    recordRefusal: RecordRefusal,
    private readonly uses: VaultKeyUses,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#vaultKey = new AskVaultKey(database, vaultKeys, strategies, recordRefusal);
    this.#plaintext = new PlaintextCache(PLAINTEXT_KEYS_MAX, now);
  }

  /**
   * Calls `seal` with a data key that is proved and may still take `versions` item versions, or as many as it can.
   * `seal` is told how many, and must be done with the key when it returns.
   */
  async forSealing<Result>(
    ctx: RequestContext,
    vault: VaultState,
    versions: number,
    seal: (key: KeyBytes, dataKeyId: string, granted: number) => Result,
  ): Promise<SealedUnder<Result>> {
    return this.#sealUnder(() => this.#sealingKey(ctx, vault), ctx, vault, versions, seal);
  }

  /**
   * The same for what takes the place of something that is sealed already. The data key is the one that came out of its wrap: what
   * has not been opened once since it was made might be opened by nobody.
   */
  async forResealing<Result>(
    ctx: RequestContext,
    vault: VaultState,
    versions: number,
    seal: (key: KeyBytes, dataKeyId: string, granted: number) => Result,
  ): Promise<SealedUnder<Result>> {
    return this.#sealUnder(() => this.#openedSealingKey(ctx, vault), ctx, vault, versions, seal);
  }

  async #sealUnder<Result>(
    sealingKey: () => Promise<SealingKey>,
    ctx: RequestContext,
    vault: VaultState,
    versions: number,
    seal: (key: KeyBytes, dataKeyId: string, granted: number) => Result,
  ): Promise<SealedUnder<Result>> {
    const proofSeconds = Math.min(vault.data_key_cache_seconds, SEALING_PROOF_SECONDS_MAX);
    for (;;) {
      const held = await sealingKey();
      const sealed = await this.#withPlaintext(ctx, vault, held.stored, proofSeconds, (key, used) => {
        const granted = Math.min(versions, vault.items_per_data_key - held.versionsSealed);
        if (granted <= 0) return undefined; // others were faster while the vault key was asked
        held.versionsSealed += granted;
        return sealedUnder(held, used, seal(key, held.stored.dataKeyId, granted));
      });
      if (sealed) return sealed;
    }
  }

  /**
   * Calls `open` with the data key in plaintext. When the vault key must be asked, `beforeAsking` has finished first: the intent
   * stands in the audit trail before anybody can open anything.
   */
  async forOpening<Result>(
    ctx: RequestContext,
    vault: DataKeyVault,
    stored: StoredDataKey,
    beforeAsking: () => Promise<void>,
    open: (key: KeyBytes, used: KeyUse) => Result,
  ): Promise<Result> {
    return this.#withPlaintext(ctx, vault, stored, vault.data_key_cache_seconds, open, beforeAsking);
  }

  /** Drops and zeroes what this process holds in plaintext for a vault; answers how many keys that were. */
  purge(workspaceId: string, vaultId: string): number {
    return this.#plaintext.drop(`${workspaceId}/${vaultId}/`);
  }

  /**
   * Drops and zeroes what this process opened in earlier epochs of a vault, and keeps nothing any more that is still being opened
   * for them. Answers how many keys that were, also when a request that read the vault's row was faster with it.
   */
  enterEpoch(workspaceId: string, vaultId: string, epoch: number): number {
    const vault = `${workspaceId}/${vaultId}`;
    const known = this.#epochs.get(vault);
    if (known && known.number >= epoch) return known.number === epoch ? known.dropped : 0;
    const dropped = known ? this.#plaintext.drop(`${vault}/`) : 0;
    this.#epochs.set(vault, { number: epoch, dropped });
    return dropped;
  }

  async #withPlaintext<Result>(
    ctx: RequestContext,
    vault: DataKeyVault,
    stored: StoredDataKey,
    maxAgeSeconds: number,
    use: (key: KeyBytes, used: KeyUse) => Result,
    beforeAsking?: () => Promise<void>,
  ): Promise<Result> {
    this.enterEpoch(ctx.workspaceId, vault.vault_id, vault.data_key_epoch);
    const id = cacheId(ctx, vault, stored);
    this.uses.used(ctx.workspaceId, stored.vaultKeyId);
    const held = this.#plaintext.get(id, maxAgeSeconds);
    dataKeyLookups.tell({ isOpen: held !== undefined });
    if (held) return use(held.key, keyUse([], held.calls));
    await beforeAsking?.();
    if (maxAgeSeconds === 0) return this.#once(ctx, vault, stored, use);
    const meanwhile = this.#plaintext.get(id, maxAgeSeconds); // others may have opened it while the intent was recorded
    if (meanwhile) return use(meanwhile.key, keyUse([], meanwhile.calls));
    const proved = await this.#unwrapShared(ctx, vault, id, stored);
    // Between the unwrapping and this turn the key may have been dropped, after a refusal say: then it is not used any more.
    const fresh = this.#plaintext.get(id, maxAgeSeconds);
    return fresh ? use(fresh.key, keyUse(proved.calls, proved.calls)) : this.#once(ctx, vault, stored, use);
  }

  /** Asks the vault key for this use alone. */
  async #once<Result>(
    ctx: RequestContext,
    vault: DataKeyVault,
    stored: StoredDataKey,
    use: (key: KeyBytes, used: KeyUse) => Result,
  ): Promise<Result> {
    const { key, calls } = await this.#unwrap(ctx, vault, stored);
    try {
      return use(key, keyUse(calls, calls));
    } finally {
      key.erase();
    }
  }

  /** One unwrapping at a time for each data key; those who come meanwhile share it. */
  async #unwrapShared(ctx: RequestContext, vault: DataKeyVault, id: string, stored: StoredDataKey): Promise<ProvedKey> {
    const underWay = this.#unwrapping.get(id);
    if (underWay) return underWay;
    const unwrapping = this.#unwrap(ctx, vault, stored)
      .then((proved) => {
        this.#keep(ctx, vault, id, proved);
        return proved;
      })
      .finally(() => this.#unwrapping.delete(id));
    this.#unwrapping.set(id, unwrapping);
    return unwrapping;
  }

  /** Takes over the key. What was asked for in an epoch that has ended meanwhile is not kept. */
  #keep(ctx: RequestContext, vault: DataKeyVault, id: string, proved: ProvedKey): void {
    const known = this.#epochs.get(`${ctx.workspaceId}/${vault.vault_id}`);
    if (known && known.number > vault.data_key_epoch) proved.key.erase();
    else this.#plaintext.set(id, proved, vault.data_key_cache_seconds);
  }

  async #unwrap(ctx: RequestContext, vault: DataKeyVault, stored: StoredDataKey): Promise<ProvedKey> {
    const context = contextOf(ctx, stored);
    this.rootKey.verifyDataKeyMac(context, stored.wrapped, stored.mac);
    const provedAt = this.now();
    const { dataKey, calls } = await this.#ask(ctx, vault.key_health, stored, 'unwrap', (wrapper) =>
      wrapper.unwrap(context, stored.wrapped),
    );
    return { key: dataKey, provedAt, calls };
  }

  async #sealingKey(ctx: RequestContext, vault: VaultState): Promise<SealingKey> {
    const id = sealingId(ctx, vault);
    for (;;) {
      const held = this.#sealing.get(id);
      if (held && this.#mayTakeMore(held, vault)) return held;
      await this.#makeShared(ctx, vault, id);
    }
  }

  /** One whose wrap cannot be opened is not used any more, for anything. */
  async #openedSealingKey(ctx: RequestContext, vault: VaultState): Promise<SealingKey> {
    const held = await this.#sealingKey(ctx, vault);
    if (held.isOpened) return held;
    const id = cacheId(ctx, vault, held.stored);
    try {
      const proved = await this.#unwrap(ctx, vault, held.stored);
      held.wrapCalls = [...held.wrapCalls, ...proved.calls];
      this.#keep(ctx, vault, id, proved);
    } catch (error) {
      this.#plaintext.drop(id);
      this.#sealing.delete(sealingId(ctx, vault));
      throw error;
    }
    held.isOpened = true;
    return held;
  }

  /** By the vault's present settings, whatever they were when the data key was made. */
  #mayTakeMore({ versionsSealed, madeAt }: SealingKey, vault: VaultState): boolean {
    const ageMs = this.now() - madeAt;
    return versionsSealed < vault.items_per_data_key && ageMs < vault.data_key_max_age_seconds * 1_000;
  }

  async #makeShared(ctx: RequestContext, vault: VaultState, id: string): Promise<void> {
    const underWay = this.#making.get(id);
    if (underWay) return underWay;
    const making = this.#make(ctx, vault)
      .then((made) => void this.#sealing.set(id, made))
      .finally(() => this.#making.delete(id));
    this.#making.set(id, making);
    return making;
  }

  /** A new data key, wrapped by the vault key itself and not by its public part alone: so that its owner allows and sees it. */
  async #make(ctx: RequestContext, vault: VaultState): Promise<SealingKey> {
    const ids = { vaultId: vault.vault_id, dataKeyId: randomUUIDv7(), vaultKeyId: vault.active_vault_key_id };
    const context = contextOf(ctx, ids);
    const key = KeyBytes.random();
    const provedAt = this.now();
    const { wrapped, calls } = await this.#ask(ctx, vault.key_health, ids, 'wrap', (wrapper) => wrapper.wrap(context, key)).catch(
      (error: unknown) => {
        key.erase();
        throw error;
      },
    );
    const stored = { ...ids, wrapped, mac: this.rootKey.macDataKey(context, wrapped) };
    this.#keep(ctx, vault, cacheId(ctx, vault, stored), { key, provedAt, calls });
    return {
      stored,
      committed: false,
      wrapCalls: calls,
      versionsSealed: 0,
      isOpened: false,
      madeAt: provedAt,
    };
  }

  /** Nothing under a key stays open whose owner said no. */
  async #ask<Answer>(
    ctx: RequestContext,
    lastKnown: KeyHealth,
    { vaultId, vaultKeyId }: VaultKeyId,
    operation: VaultKeyUse['operation'],
    ask: (wrapper: KeyWrapper) => Promise<Answer>,
  ): Promise<Answer> {
    const drop = () => this.#plaintext.drop(`${ctx.workspaceId}/${vaultId}/${vaultKeyId}/`);
    try {
      return await this.#vaultKey.run(ctx, lastKnown, { vaultId, vaultKeyId }, operation, ask, drop);
    } catch (error) {
      if (error instanceof KeyStrategyError && error.code === 'unreachable') this.uses.silent(ctx.workspaceId, vaultKeyId);
      throw error;
    }
  }
}

function sealedUnder<Result>(held: SealingKey, used: KeyUse, result: Result): SealedUnder<Result> {
  return {
    result,
    dataKey: held.stored,
    toStore: held.committed ? undefined : held.stored,
    committed: () => (held.committed = true),
    use: held.committed ? used : { ...used, calls: [...held.wrapCalls, ...used.calls] },
  };
}

function sealingId({ workspaceId }: RequestContext, { vault_id, active_vault_key_id }: VaultState): string {
  return `${workspaceId}/${vault_id}/${active_vault_key_id}`;
}

/** Built from the whole identity of a data key, and the epoch: no two workspaces, vaults or vault keys share an entry, nor do before and after a purge. */
function cacheId(
  ctx: RequestContext,
  { data_key_epoch: epoch }: DataKeyVault,
  { vaultId, vaultKeyId, dataKeyId }: Omit<StoredDataKey, 'wrapped' | 'mac'>,
): string {
  return `${ctx.workspaceId}/${vaultId}/${vaultKeyId}/${epoch}/${dataKeyId}`;
}

function contextOf(ctx: RequestContext, { vaultId, vaultKeyId, dataKeyId }: Omit<StoredDataKey, 'wrapped' | 'mac'>): WrapContext {
  return { workspaceId: ctx.workspaceId, vaultId, dataKeyId, vaultKeyId };
}
