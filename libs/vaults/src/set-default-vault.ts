import type { RequestContext } from '#access';
import type { Database } from '#database';
import { setDefaultVault } from '#workspaces';
import { VaultError, metDefaultVault } from './vault-error.js';
import { findVault } from './vault-store.js';
import type { VaultView, VaultViews } from './vault-view.js';

/** Makes a vault the one that new items go to when none is named. */
export class SetDefaultVault {
  constructor(
    private readonly database: Database,
    private readonly views: VaultViews,
  ) {}

  async run(ctx: RequestContext, vaultId: string): Promise<VaultView> {
    try {
      return await this.#change(ctx, vaultId);
    } catch (error) {
      throw metDefaultVault(error) ? new VaultError('vault_not_found') : error;
    }
  }

  #change(ctx: RequestContext, vaultId: string): Promise<VaultView> {
    return this.database.act(ctx, async (tx) => {
      if (!(await findVault(tx, vaultId))) throw new VaultError('vault_not_found');
      const before = await setDefaultVault(tx, vaultId);
      const row = await findVault(tx, vaultId);
      if (!row) throw new VaultError('vault_not_found');
      const details = { before: before ?? null, after: vaultId };
      return { result: this.views.of(ctx.workspaceId, row), event: { type: 'vault.default_changed', vaultId, details } };
    });
  }
}
