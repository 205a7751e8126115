import { randomUUIDv7 } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type RequestContext, besides } from '#access';
import type { Database } from '#database';
import { VaultError } from '../vault-error.js';
import { findVaultState } from '../vault-store.js';
import { findPurge, isAnswered, orderPurge } from './purge-store.js';
import { type PurgeView, purgeView } from './purge-view.js';

/** Nodes that have not answered by then are named as such; what they answer later is added to the receipt. */
const ANSWERS_WITHIN_MS = 3_000;
const LOOK_AGAIN_MS = 50;

/** Drops the open data keys of a vault on all nodes, and answers who dropped how many, and when. */
export class PurgeDataKeys {
  constructor(private readonly database: Database) {}

  async run(ctx: RequestContext, vaultId: string): Promise<PurgeView> {
    const purgeId = randomUUIDv7();
    await this.#order(ctx, vaultId, purgeId);
    await this.#answered(ctx, purgeId);
    return this.database.act(ctx, async (tx) => {
      const purge = await findPurge(tx, vaultId, purgeId);
      if (!purge) throw new Error('a purge is gone that was committed');
      const receipt = purgeView(purge);
      const { keysDropped, isComplete, nodes } = receipt;
      return { result: receipt, event: { type: 'vault.cache.purged', vaultId, details: { purgeId, keysDropped, isComplete, nodes } } };
    });
  }

  /** In a commit of its own: it holds from then on, whoever answers. */
  async #order(ctx: RequestContext, vaultId: string, purgeId: string): Promise<void> {
    await this.database.act(besides(ctx), async (tx) => {
      if (!(await findVaultState(tx, vaultId))) throw new VaultError('vault_not_found');
      await orderPurge(tx, { purgeId, vaultId, cause: 'request' });
      return { result: null, event: { type: 'vault.cache.purge_requested', vaultId, details: { purgeId } } };
    });
  }

  async #answered(ctx: RequestContext, purgeId: string): Promise<void> {
    const endsAt = performance.now() + ANSWERS_WITHIN_MS;
    while (performance.now() < endsAt) {
      if (await this.database.read(ctx, (tx) => isAnswered(tx, purgeId))) return;
      await pause(LOOK_AGAIN_MS);
    }
  }
}
