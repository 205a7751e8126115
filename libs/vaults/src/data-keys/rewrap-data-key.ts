import { timingSafeEqual } from 'node:crypto';
import type { RequestContext } from '#access';
import type { Database } from '#database';
import { EnvelopeError, type KeyBytes, type RootKey, type WrapContext } from '#envelope';
import type { KeyCall } from '#key-strategies';
import type { AskVaultKey } from '../ask-vault-key.js';
import { permit } from '../key-permits.js';
import { VaultError } from '../vault-error.js';
import { findVaultKeyState } from '../vault-store.js';
import type { StoredDataKey } from './data-key-store.js';
import type { KeyToRewrap } from './rewrap-store.js';

export interface RewrappedKey {
  before: StoredDataKey;
  /** The same data key under the other vault key, opened once to prove it. */
  after: StoredDataKey;
  calls: readonly KeyCall[];
}

/**
 * Puts a data key under another key of its vault, and shows that this one opens it; stores nothing. Where the wrap from an earlier
 * time is still kept the vault key that is left is not asked: it may be gone.
 *
 * Throws what a vault key answers, `vault_suspended`, and `not_intact`.
 */
export class RewrapDataKey {
  constructor(
    private readonly database: Database,
    private readonly askVaultKey: AskVaultKey,
    private readonly rootKey: RootKey,
  ) {}

  async run(ctx: RequestContext, { stored, kept }: KeyToRewrap, vaultKeyId: string): Promise<RewrappedKey> {
    return kept ? this.#takeBack(ctx, stored, kept) : this.#wrapAnew(ctx, stored, vaultKeyId);
  }

  /** The wrap names its data key, and so does our MAC: that it opens is all there is to show. */
  async #takeBack(ctx: RequestContext, before: StoredDataKey, after: StoredDataKey): Promise<RewrappedKey> {
    const { dataKey, calls } = await this.#open(ctx, after);
    dataKey.erase();
    return { before, after, calls };
  }

  async #wrapAnew(ctx: RequestContext, before: StoredDataKey, vaultKeyId: string): Promise<RewrappedKey> {
    const opened = await this.#open(ctx, before);
    try {
      const wrapped = await this.#wrap(ctx, { ...before, vaultKeyId }, opened.dataKey);
      const again = await this.#open(ctx, wrapped.after);
      requireSame(opened.dataKey, again.dataKey);
      return { before, after: wrapped.after, calls: [...opened.calls, ...wrapped.calls, ...again.calls] };
    } finally {
      opened.dataKey.erase();
    }
  }

  async #open(ctx: RequestContext, stored: StoredDataKey): Promise<{ dataKey: KeyBytes; calls: readonly KeyCall[] }> {
    const context = contextOf(ctx, stored);
    this.rootKey.verifyDataKeyMac(context, stored.wrapped, stored.mac);
    return this.askVaultKey.run(ctx, await this.#permitted(ctx, stored), stored, 'unwrap', (key) => key.unwrap(context, stored.wrapped));
  }

  async #wrap(ctx: RequestContext, target: Omit<StoredDataKey, 'wrapped' | 'mac'>, dataKey: KeyBytes) {
    const context = contextOf(ctx, target);
    const { wrapped, calls } = await this.askVaultKey.run(ctx, await this.#permitted(ctx, target), target, 'wrap', (key) =>
      key.wrap(context, dataKey),
    );
    const { vaultId, dataKeyId, vaultKeyId } = target;
    const after: StoredDataKey = { vaultId, dataKeyId, vaultKeyId, wrapped, mac: this.rootKey.macDataKey(context, wrapped) };
    return { after, calls };
  }

  /** The last known health of a vault key that may be asked: what is on record stands before it is asked again. */
  async #permitted(ctx: RequestContext, key: Pick<StoredDataKey, 'vaultId' | 'vaultKeyId'>) {
    const state = await this.database.read(ctx, (tx) => findVaultKeyState(tx, key));
    if (!state) throw new VaultError('vault_not_found');
    permit('unseal', state);
    return state.key_health;
  }
}

/** Erases `again`. */
function requireSame(first: KeyBytes, again: KeyBytes): void {
  const isSame = timingSafeEqual(first.expose(), again.expose());
  again.erase();
  if (!isSame) throw new EnvelopeError('not_intact');
}

function contextOf(
  { workspaceId }: RequestContext,
  { vaultId, dataKeyId, vaultKeyId }: Omit<StoredDataKey, 'wrapped' | 'mac'>,
): WrapContext {
  return { workspaceId, vaultId, dataKeyId, vaultKeyId };
}
