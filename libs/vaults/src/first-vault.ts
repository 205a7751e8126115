import { randomUUIDv7 } from 'node:crypto';
import type { FirstThings } from '#workspaces';
import type { VaultKeys } from './vault-keys.js';
import { DEFAULT_SETTINGS, insertVault } from './vault-store.js';

/** The `default` vault that a workspace starts with and that needs nothing. */
export function firstVault(vaultKeys: VaultKeys, workspaceId: string): FirstThings['vault'] {
  const key = { workspaceId, vaultId: randomUUIDv7(), vaultKeyId: randomUUIDv7(), strategy: 'default' as const, config: {} };
  const { vaultId, vaultKeyId, strategy } = key;
  return {
    vaultId,
    insert: (tx) =>
      insertVault(tx, {
        vaultId,
        vaultKeyId,
        strategy,
        name: 'Cloud vault',
        keyHealth: 'healthy',
        settings: DEFAULT_SETTINGS,
        ...vaultKeys.seal(key),
      }),
  };
}
