import type { RequestContext } from '#access';
import type { AuditEvent, Queries } from '#audit';
import type { Database } from '#database';
import type { Jobs } from '#jobs';
import {
  type ProveVaultKey,
  type StoredVaultKey,
  VaultError,
  type VaultKeys,
  findLeftKey,
  findVaultState,
  lockVault,
  switchVaultKey,
} from '#vaults';
import type { RekeyParams } from './move-params.js';
import { startMoving } from './moving-jobs.js';
import { type OrderedRekey, planOf, requireNotSuspended } from './order-rekey.js';

/**
 * Moves a vault back to the key that it left last, for as long as the wraps under that one are kept: they are taken back as they
 * are, and the key that is given up need not answer for them.
 */
export class UndoRekey {
  constructor(
    private readonly database: Database,
    private readonly proveKey: ProveVaultKey,
    private readonly vaultKeys: VaultKeys,
    private readonly jobs: Jobs,
  ) {}

  /** Throws `nothing_to_undo`, `vault_key_rejected`, `vault_moving`. */
  async run(ctx: RequestContext, vaultId: string, { isDryRun }: { isDryRun: boolean }): Promise<OrderedRekey> {
    const left = await this.database.read(ctx, (tx) => leftKeyOf(tx, vaultId));
    const { vault_key_id: vaultKeyId, strategy, config, mac } = left;
    const key = this.vaultKeys.open({ workspaceId: ctx.workspaceId, vaultId, vaultKeyId, strategy }, config, mac);
    const proved = await this.proveKey.prove(ctx, { vaultId }, key);
    if (isDryRun) return { plan: await this.database.read(ctx, (tx) => planOf(tx, vaultId, proved)), job: null };
    return this.database.act(ctx, async (tx) => {
      const before = await switchBack(tx, vaultId, vaultKeyId);
      const found = await this.proveKey.recordAgain(tx, proved);
      const plan = await planOf(tx, vaultId, proved);
      const params: RekeyParams = { vaultKeyId, isUndo: true };
      const order = { kind: 'vault.rekey', vaultId, params: { ...params }, total: plan.dataKeys } as const;
      const { job, created } = await startMoving(tx, ctx, this.jobs, order);
      const result: OrderedRekey = { plan, job };
      const details = { jobId: job.id, before: { vaultKeyId: before }, after: { vaultKeyId, strategy } };
      const undone: AuditEvent = { type: 'vault.rewrap.undone', vaultId, calls: proved.report.calls, details };
      return { result, event: [undone, created, ...found] as const };
    });
  }
}

async function leftKeyOf(tx: Queries, vaultId: string): Promise<StoredVaultKey> {
  const vault = await findVaultState(tx, vaultId);
  if (!vault) throw new VaultError('vault_not_found');
  requireNotSuspended(vault);
  const left = await findLeftKey(tx, vaultId);
  if (!left) throw new VaultError('nothing_to_undo');
  return left;
}

/** Answers the key that the vault had. */
async function switchBack(tx: Queries, vaultId: string, vaultKeyId: string): Promise<string> {
  const locked = await lockVault(tx, vaultId);
  if (!locked) throw new VaultError('vault_not_found');
  const { active_vault_key_id: from } = locked;
  if ((await leftKeyOf(tx, vaultId)).vault_key_id !== vaultKeyId) throw new VaultError('vault_moving');
  if (!(await switchVaultKey(tx, vaultId, { from, to: vaultKeyId }))) throw new VaultError('vault_moving');
  return from;
}
