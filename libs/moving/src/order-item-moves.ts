import { AccessError, type RequestContext } from '#access';
import type { AuditEvent, Queries } from '#audit';
import type { Database } from '#database';
import type { JobView, Jobs } from '#jobs';
import type { StrategyName } from '#key-strategies';
import {
  type StoredVault,
  VaultError,
  type VaultState,
  findVault,
  lockVault,
  metDefaultVault,
  permit,
  setStanding,
  standingAfter,
} from '#vaults';
import { setDefaultVault } from '#workspaces';
import { type Selection, countGivenOut, countItems, countKeyUses, newestItem } from './item-moves-store.js';
import { type KeyCalls, callsOfMoves } from './key-calls.js';
import { BATCH_ITEMS_MAX } from './move-items-job.js';
import type { MoveFilter, MoveParams } from './move-params.js';
import { startMoving } from './moving-jobs.js';

export interface MovePlan {
  items: number;
  versions: number;
  kmsCalls: KeyCalls;
  /** Data keys of the source under which data was sealed for callers who keep it: it stays under the key that the vault has. */
  dataKeysGivenOut: number;
}

export interface OrderedMoves {
  plan: MovePlan;
  /** None when it was only asked what would be done. */
  job: JobView | null;
}

interface Vaults {
  source: StoredVault;
  target: StoredVault;
}

export interface MoveRequest {
  sourceVaultId: string;
  targetVaultId: string;
  filter: MoveFilter;
}

/** Moves items of a vault to another one, all of them or those that a filter names. Answers what that takes. */
export class OrderItemMoves {
  constructor(
    private readonly database: Database,
    private readonly jobs: Jobs,
  ) {}

  /** Those that are there now and match. Throws `vault_moving`, and what stands against either vault. */
  someItems(ctx: RequestContext, request: MoveRequest, options: { isDryRun: boolean }): Promise<OrderedMoves> {
    const { sourceVaultId, filter } = request;
    return this.#order(ctx, request, { sourceVaultId, scope: 'live', filter }, options, async (tx, plan, upTo) => {
      const params: MoveParams = { targetVaultId: request.targetVaultId, upTo, ...filter };
      return startMoving(tx, ctx, this.jobs, { kind: 'items.move', vaultId: sourceVaultId, params: { ...params }, total: plan.items });
    });
  }

  /**
   * All of them, also what lies in boxes that can be restored. From here on the vault takes nothing new: it is disabled, and the
   * target is the default vault when it was that.
   */
  wholeVault(ctx: RequestContext, sourceVaultId: string, targetVaultId: string, options: { isDryRun: boolean }): Promise<OrderedMoves> {
    const request = { sourceVaultId, targetVaultId, filter: {} };
    return this.#order(ctx, request, { sourceVaultId, scope: 'restorable', filter: {} }, options, async (tx, plan, upTo) => {
      const params: MoveParams = { targetVaultId, upTo };
      return startMoving(tx, ctx, this.jobs, {
        kind: 'vault.evacuation',
        vaultId: sourceVaultId,
        params: { ...params },
        total: plan.items,
      });
    });
  }

  async #order(
    ctx: RequestContext,
    request: MoveRequest,
    selection: Selection,
    { isDryRun }: { isDryRun: boolean },
    start: (tx: Queries, plan: MovePlan, upTo: string | null) => ReturnType<typeof startMoving>,
  ): Promise<OrderedMoves> {
    requireNoListOfBoxes(ctx);
    const { vaults, ...planned } = await this.database.read(ctx, async (tx) => {
      const vaults = await vaultsOf(tx, request);
      return { vaults, ...(await plan(tx, selection, vaults)) };
    });
    if (isDryRun) return { plan: planned.plan, job: null };
    const ordered = this.database.act(ctx, async (tx) => {
      const closed = selection.scope === 'restorable' ? await close(tx, vaults) : [];
      const now = await plan(tx, selection, await vaultsOf(tx, request));
      const { job, created } = await start(tx, now.plan, now.upTo);
      const result: OrderedMoves = { plan: now.plan, job };
      return { result, event: [created, ...closed] as const };
    });
    return ordered.catch((error: unknown) => {
      throw metDefaultVault(error) ? new VaultError('vault_not_found') : error;
    });
  }
}

/** What lies in every box moves: a key that is for some boxes has no say in that. */
function requireNoListOfBoxes({ reach }: RequestContext): void {
  if (reach.by === 'scope' && reach.boxIds !== 'all') throw new AccessError('forbidden');
}

async function vaultsOf(tx: Queries, { sourceVaultId, targetVaultId }: MoveRequest): Promise<Vaults> {
  const [source, target] = [await findVault(tx, sourceVaultId), await findVault(tx, targetVaultId)];
  if (!source || !target) throw new VaultError('vault_not_found');
  if (sourceVaultId === targetVaultId) throw new VaultError('same_vault');
  permit('unseal', source);
  permit('seal', target);
  return { source, target };
}

async function plan(tx: Queries, selection: Selection, { source, target }: Vaults): Promise<{ plan: MovePlan; upTo: string | null }> {
  const upTo = await newestItem(tx, selection);
  const { items_per_data_key: itemsPerDataKey } = target;
  const uses = await countKeyUses(tx, selection, { upTo, batch: BATCH_ITEMS_MAX, itemsPerDataKey });
  const state: { state: VaultState; strategy: StrategyName } = { state: target, strategy: target.strategy };
  const made: MovePlan = {
    items: await countItems(tx, selection, upTo),
    versions: uses.versions,
    kmsCalls: callsOfMoves(uses, source, state),
    dataKeysGivenOut: await countGivenOut(tx, source.vault_id),
  };
  return { plan: made, upTo };
}

/** Whoever is storing a new item at the moment is waited for, and is counted; nobody comes after. */
async function close(tx: Queries, { source, target }: Vaults): Promise<AuditEvent[]> {
  const { vault_id: vaultId } = source;
  const events: AuditEvent[] = [];
  // The workspace before the vault, in the order of those who only change the default.
  if (source.is_default) {
    const before = await setDefaultVault(tx, target.vault_id);
    events.push({ type: 'vault.default_changed', vaultId: target.vault_id, details: { before: before ?? null, after: target.vault_id } });
  }
  const locked = await lockVault(tx, vaultId);
  if (locked?.status === 'active') {
    const { status, resumesAs } = locked;
    const before = { status, resumesAs };
    const after = standingAfter('disable', before);
    await setStanding(tx, vaultId, after);
    events.push({ type: 'vault.disabled', vaultId, details: { before, after, reason: 'evacuation' } });
  }
  return events;
}
