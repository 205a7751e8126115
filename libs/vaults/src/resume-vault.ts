import { type RequestContext, besides } from '#access';
import type { Database } from '#database';
import { StandsSoAlready, decide } from './change-vault-standing.js';
import { VaultError } from './vault-error.js';
import { type StoredVault, findVault, findVaultState } from './vault-store.js';
import type { VaultView, VaultViews } from './vault-view.js';
import type { VerifyVault } from './verify-vault.js';

/** Lets a suspended vault work again, once its key has passed every check. */
export class ResumeVault {
  constructor(
    private readonly database: Database,
    private readonly views: VaultViews,
    private readonly verifyVault: Pick<VerifyVault, 'run'>,
  ) {}

  async run(ctx: RequestContext, vaultId: string, reason?: string): Promise<VaultView> {
    const row = await this.database.read(ctx, (tx) => findVault(tx, vaultId));
    if (!row) throw new VaultError('vault_not_found');
    if (row.status !== 'suspended') return this.views.of(ctx.workspaceId, row);
    await this.#prove(ctx, vaultId);
    return this.#resume(ctx, row, reason);
  }

  async #prove(ctx: RequestContext, vaultId: string): Promise<void> {
    const { ok, health, checks } = await this.verifyVault.run(besides(ctx), vaultId);
    if (!ok || health !== 'healthy') throw new VaultError('vault_not_resumed', { checks });
  }

  /** Unless somebody has suspended it anew while the key was being checked. */
  async #resume(ctx: RequestContext, { vault_id: vaultId, data_key_epoch: epoch }: StoredVault, reason?: string): Promise<VaultView> {
    try {
      return await this.database.act(ctx, async (tx) => {
        const resumed = await decide(tx, ctx, { vaultId, views: this.views, act: 'resume', reason });
        if ((await findVaultState(tx, vaultId))?.data_key_epoch !== epoch) throw new VaultError('vault_suspended');
        return resumed;
      });
    } catch (error) {
      if (error instanceof StandsSoAlready) return error.vault;
      throw error;
    }
  }
}
