import type { RequestContext } from '#access';
import type { AuditEvent, Queries } from '#audit';
import type { Database } from '#database';
import type { JobView, Jobs } from '#jobs';
import type { KeyCheck, KeyStrategyCatalog } from '#key-strategies';
import {
  type KeyReportView,
  type KeyRequest,
  type ProveVaultKey,
  type ProvedVaultKey,
  type StoredVault,
  VaultError,
  type VaultKeys,
  countKeysToRewrap,
  findVault,
  lockVault,
  reportView,
  switchVaultKey,
} from '#vaults';
import { type KeyCalls, callsOfRekey } from './key-calls.js';
import type { RekeyParams } from './move-params.js';
import { startMoving } from './moving-jobs.js';

export interface RekeyPlan {
  /** Data keys that will be put under the new key. No item is touched. */
  dataKeys: number;
  kmsCalls: KeyCalls;
  /** What the checks of the new key found. */
  report: KeyReportView;
}

export interface OrderedRekey {
  plan: RekeyPlan;
  /** None when it was only asked what would be done. */
  job: JobView | null;
}

/** The key that a vault is to go to. */
export interface Target extends ProvedVaultKey {
  /** Whether it is one that the vault has or had. */
  isKnown: boolean;
}

/** A key that the service makes is made for one vault, from its beginning. */
const NOT_OFFERED: KeyCheck = {
  check: 'configuration',
  ok: false,
  cause: 'strategy_not_for_rekey',
  remedy: 'Create a vault with this strategy, and evacuate this one into it: POST …/vaults/{vaultId}/evacuate.',
};

/**
 * Moves a vault to another key: proved first, as the key of a new vault, then made the one for new data keys; a job puts those that
 * are there under it. Until that is done each stands under the key that holds it. Ordered again for the key that the vault has, it
 * goes on with what an earlier one left.
 */
export class OrderRekey {
  constructor(
    private readonly database: Database,
    private readonly strategies: KeyStrategyCatalog,
    private readonly proveKey: ProveVaultKey,
    private readonly vaultKeys: VaultKeys,
    private readonly jobs: Jobs,
  ) {}

  /** Throws `vault_key_rejected` with every check, `vault_moving`. */
  async run(ctx: RequestContext, vaultId: string, request: KeyRequest, { isDryRun }: { isDryRun: boolean }): Promise<OrderedRekey> {
    const vault = await this.database.read(ctx, (tx) => findVault(tx, vaultId));
    if (!vault) throw new VaultError('vault_not_found');
    requireNotSuspended(vault);
    const target = await this.#target(ctx, vault, request);
    if (isDryRun) return { plan: await this.database.read(ctx, (tx) => planOf(tx, vaultId, target)), job: null };
    try {
      return await this.database.act(ctx, (tx) => this.#start(tx, ctx, vault, target));
    } catch (error) {
      throw error instanceof KeyNotAvailable ? await this.proveKey.notAvailable(ctx, { vaultId }, target) : error;
    }
  }

  async #target(ctx: RequestContext, vault: StoredVault, request: KeyRequest): Promise<Target> {
    const { vault_id: vaultId, active_vault_key_id: vaultKeyId, strategy } = vault;
    if (this.strategies.get(request.strategy).maker)
      throw await this.proveKey.rejected(ctx, { vaultId }, request, { checks: [NOT_OFFERED], calls: [] });
    const candidate = await this.proveKey.candidate(ctx, { vaultId }, request);
    const id = { workspaceId: ctx.workspaceId, vaultId, vaultKeyId, strategy };
    const active = this.vaultKeys.open(id, vault.vault_key_config, vault.vault_key_mac);
    const isKnown = this.proveKey.isSame(candidate, active);
    return { ...(await this.proveKey.prove(ctx, { vaultId }, isKnown ? active : candidate)), isKnown };
  }

  async #start(tx: Queries, ctx: RequestContext, vault: StoredVault, target: Target) {
    const { vault_id: vaultId, active_vault_key_id: before } = vault;
    const { vaultKeyId, strategy } = target.key;
    const locked = await lockVault(tx, vaultId);
    if (locked?.active_vault_key_id !== before) throw new VaultError('vault_moving');
    requireNotSuspended(locked);
    const found = target.isKnown ? await this.proveKey.recordAgain(tx, target) : await this.#switchTo(tx, vaultId, before, target);
    const plan = await planOf(tx, vaultId, target);
    const params: RekeyParams = { vaultKeyId, isUndo: false };
    const { job, created } = await startMoving(tx, ctx, this.jobs, {
      kind: 'vault.rekey',
      vaultId,
      params: { ...params },
      total: plan.dataKeys,
    });
    const result: OrderedRekey = { plan, job };
    const details = { jobId: job.id, before: { vaultKeyId: before }, after: { vaultKeyId, strategy } };
    const started: AuditEvent = { type: 'vault.rewrap.started', vaultId, calls: target.report.calls, details };
    return { result, event: [started, created, ...found] as const };
  }

  async #switchTo(tx: Queries, vaultId: string, from: string, proved: ProvedVaultKey): Promise<readonly AuditEvent[]> {
    if (!(await this.proveKey.register(tx, proved))) throw new KeyNotAvailable();
    if (!(await switchVaultKey(tx, vaultId, { from, to: proved.key.vaultKeyId }))) throw new VaultError('vault_moving');
    return [];
  }
}

/** Inside the transaction only: it ends it. */
class KeyNotAvailable extends Error {}

export function requireNotSuspended({ status }: Pick<StoredVault, 'status'>): void {
  if (status === 'suspended') throw new VaultError('vault_suspended');
}

export async function planOf(tx: Queries, vaultId: string, { key: { vaultKeyId, strategy }, report }: ProvedVaultKey): Promise<RekeyPlan> {
  const keys = await countKeysToRewrap(tx, vaultId, vaultKeyId);
  const dataKeys = keys.reduce((all, each) => all + each.dataKeys, 0);
  return { dataKeys, kmsCalls: callsOfRekey(keys, strategy), report: reportView(report) };
}
