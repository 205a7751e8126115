import type { StrategyName } from '#key-strategies';
import type { KeysToRewrap, VaultState } from '#vaults';
import type { KeyUses } from './item-moves-store.js';

/** Requests to KMS that a move makes when nothing comes in between; what is begun again after a crash asks again. */
export interface KeyCalls {
  /** Of the key, or keys, that are left. */
  source: { decrypt: number };
  target: { encrypt: number; decrypt: number };
}

/** The service's own root key is asked in memory. */
const asksKms = (strategy: StrategyName): boolean => strategy !== 'default';

/**
 * For each data key: one Decrypt by the key it stands under, one Encrypt by the other, and one Decrypt by that one to prove it.
 * Where the other's wrap was kept, this last one alone.
 */
export function callsOfRekey(keys: readonly KeysToRewrap[], target: StrategyName): KeyCalls {
  const sum = (count: (keys: KeysToRewrap) => number) => keys.reduce((all, one) => all + count(one), 0);
  const anew = sum(({ dataKeys, kept }) => dataKeys - kept);
  const ofTarget = asksKms(target) ? 1 : 0;
  return {
    source: { decrypt: sum(({ strategy, dataKeys, kept }) => (asksKms(strategy) ? dataKeys - kept : 0)) },
    target: { encrypt: ofTarget * anew, decrypt: ofTarget * sum(({ dataKeys }) => dataKeys) },
  };
}

/**
 * One Decrypt for each data key of the source, and for each new one of the target one Encrypt, and one Decrypt to prove it. Where
 * a vault keeps no data key open, besides that one Decrypt for each use by a batch of items.
 */
export function callsOfMoves(
  { versions, sourceKeys, sourceUses, targetUses }: KeyUses,
  source: VaultState,
  target: { state: VaultState; strategy: StrategyName },
): KeyCalls {
  const newKeys = asksKms(target.strategy) ? Math.ceil(versions / target.state.items_per_data_key) : 0;
  const usesWithoutCache = asksKms(target.strategy) && target.state.data_key_cache_seconds === 0 ? targetUses : 0;
  return {
    source: { decrypt: source.data_key_cache_seconds === 0 ? sourceUses : sourceKeys },
    target: { encrypt: newKeys, decrypt: newKeys + usesWithoutCache },
  };
}
