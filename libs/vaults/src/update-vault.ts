import { randomUUIDv7 } from 'node:crypto';
import type { RequestContext } from '#access';
import { type Database, isUniqueViolation } from '#database';
import { orderPurge } from './purges/purge-store.js';
import { VaultError } from './vault-error.js';
import { type VaultSettings, findVault, updateVault } from './vault-store.js';
import type { VaultView, VaultViews } from './vault-view.js';

export type VaultChange = VaultSettings & { name?: string };

/** Changes name and settings; what is not named stays. Data keys that may stay open for a shorter time than before are dropped at once. */
export class UpdateVault {
  constructor(
    private readonly database: Database,
    private readonly views: VaultViews,
  ) {}

  async run(ctx: RequestContext, vaultId: string, change: VaultChange): Promise<VaultView> {
    try {
      return await this.database.act(ctx, async (tx) => {
        const before = await findVault(tx, vaultId);
        if (!before) throw new VaultError('vault_not_found');
        await updateVault(tx, vaultId, change);
        const after = (await findVault(tx, vaultId)) ?? before;
        if (after.data_key_cache_seconds < before.data_key_cache_seconds)
          await orderPurge(tx, { purgeId: randomUUIDv7(), vaultId, cause: 'settings' });
        const details = {
          before: settingsOf(this.views.of(ctx.workspaceId, before)),
          after: settingsOf(this.views.of(ctx.workspaceId, after)),
        };
        return { result: this.views.of(ctx.workspaceId, after), event: { type: 'vault.updated', vaultId, details } };
      });
    } catch (error) {
      if (isUniqueViolation(error, 'vaults_name_key')) throw new VaultError('vault_name_taken');
      throw error;
    }
  }
}

function settingsOf({ name, itemsPerDataKey, dataKeyMaxAgeSeconds, dataKeyCacheSeconds }: VaultView): Required<VaultChange> {
  return { name, itemsPerDataKey, dataKeyMaxAgeSeconds, dataKeyCacheSeconds };
}
