import type { WrapContext } from '#envelope';
import { KeyStrategyError, type VaultKey } from './contract.js';

/** A wrapper works for the one vault key it was opened for, whatever it is asked. Throws `not_intact`. */
export function assertOwnContext(key: VaultKey, context: WrapContext): void {
  const isOwn = context.workspaceId === key.workspaceId && context.vaultId === key.vaultId && context.vaultKeyId === key.vaultKeyId;
  if (!isOwn) throw new KeyStrategyError('not_intact', { cause: 'the data key belongs to another vault key' });
}
