import type { RequestContext } from '#access';
import { type Database, isUniqueViolation } from '#database';
import { VaultError } from './vault-error.js';
import { type VaultSettings, findVault, updateVault } from './vault-store.js';
import type { VaultView, VaultViews } from './vault-view.js';

export type VaultChange = VaultSettings & { name?: string };

/** Changes name and settings; what is not named stays. */
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
