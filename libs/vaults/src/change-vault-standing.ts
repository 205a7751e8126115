import { randomUUIDv7 } from 'node:crypto';
import type { RequestContext } from '#access';
import type { EventType, Queries } from '#audit';
import type { Acted, Database } from '#database';
import { orderPurge } from './purges/purge-store.js';
import { VaultError } from './vault-error.js';
import { type StatusAct, standingAfter } from './vault-standing.js';
import { findVault, lockStanding, setStanding } from './vault-store.js';
import type { VaultView, VaultViews } from './vault-view.js';

const EVENTS = {
  disable: 'vault.disabled',
  enable: 'vault.enabled',
  suspend: 'vault.suspended',
  resume: 'vault.resumed',
} as const satisfies Record<StatusAct, EventType>;

export interface Decision {
  act: StatusAct;
  /** Why, in the words of whoever decides; for the trail. */
  reason?: string | undefined;
}

/** Stops a vault, or lets it take new items again. Every node reads the vault's row before its next seal or unseal. */
export class ChangeVaultStanding {
  constructor(
    private readonly database: Database,
    private readonly views: VaultViews,
  ) {}

  async run(ctx: RequestContext, vaultId: string, decision: Decision & { act: Exclude<StatusAct, 'resume'> }): Promise<VaultView> {
    try {
      return await this.database.act(ctx, (tx) => decide(tx, ctx, { vaultId, views: this.views, ...decision }));
    } catch (error) {
      if (error instanceof StandsSoAlready) return error.vault;
      throw error;
    }
  }
}

/** Inside the transaction only: there is nothing to do, and nothing to record. */
export class StandsSoAlready extends Error {
  constructor(readonly vault: VaultView) {
    super('the vault stands so already');
  }
}

/** A suspension counts anew each time: whoever asks for it wants nothing of before to be used, and no resumption under way to win. */
export async function decide(
  tx: Queries,
  ctx: RequestContext,
  { vaultId, views, act, reason }: Decision & { vaultId: string; views: VaultViews },
): Promise<Acted<VaultView>> {
  const before = await lockStanding(tx, vaultId);
  if (!before) throw new VaultError('vault_not_found');
  const after = standingAfter(act, before);
  const isNews = after.status !== before.status || after.resumesAs !== before.resumesAs;
  if (isNews) await setStanding(tx, vaultId, after);
  if (act === 'suspend') await orderPurge(tx, { purgeId: randomUUIDv7(), vaultId, cause: 'suspension' });
  const row = await findVault(tx, vaultId);
  if (!row) throw new Error('a vault is gone in the transaction that locked it');
  const result = views.of(ctx.workspaceId, row);
  if (!isNews && act !== 'suspend') throw new StandsSoAlready(result);
  return { result, event: { type: EVENTS[act], vaultId, details: { before, after, reason } } };
}
