import type { RequestContext } from '#access';
import type { AuditEvent } from '#audit';
import type { Database } from '#database';
import { EnvelopeError } from '#envelope';
import { type KeyCall, type KeyMaker, type KeyStrategyCatalog, KeyStrategyError, type StrategyName, type VaultKey } from '#key-strategies';
import type { VaultKeys } from '../vault-keys.js';
import {
  type EndingKeyRow,
  type ManagedKeyRow,
  type ManagedKeyState,
  NOTES,
  type StoredKey,
  findEndingKey,
  findInUse,
  forget,
  markEnded,
} from './managed-key-store.js';

/** The one strategy that makes keys. */
const STRATEGY = 'managed' satisfies StrategyName;

/**
 * Brings to an end what remains to be done about keys that the service makes: keys of vaults that were never finished or are
 * deleted, and keys of which nobody knows any more. Any number of processes may do it at a time, and each may end in the middle.
 */
export class SettleManagedKeys {
  constructor(
    private readonly database: Database,
    private readonly vaultKeys: VaultKeys,
    private readonly strategies: KeyStrategyCatalog,
  ) {}

  /** Everything that is due in the workspace, or what is due of one vault key. Failures are on record and tried again later. */
  async run(ctx: RequestContext, vaultKeyId?: string): Promise<{ settled: number; failed: number }> {
    const counts = { settled: 0, failed: 0 };
    for (;;) {
      const [row] = await this.database.note<ManagedKeyRow>(ctx, NOTES.takeDue, [vaultKeyId]);
      if (!row) return counts;
      counts[(await this.#settle(ctx, row)) ? 'settled' : 'failed'] += 1;
    }
  }

  async #settle(ctx: RequestContext, row: ManagedKeyRow): Promise<boolean> {
    const calls: KeyCall[] = [];
    try {
      await this.#steps[row.state](ctx, row, calls);
      return true;
    } catch (error) {
      if (error instanceof LeaseLost) return false;
      const details = detailsOf(error);
      await this.#record(ctx, { type: 'vault.key.deletion_failed', vaultId: row.vault_id, calls, details });
      return false;
    }
  }

  readonly #steps: Record<ManagedKeyState, (ctx: RequestContext, row: ManagedKeyRow, calls: KeyCall[]) => Promise<void>> = {
    creating: (ctx, row, calls) => this.#endStrays(ctx, row, calls),
    tidying: (ctx, row, calls) => this.#endStrays(ctx, row, calls),
    ending: (ctx, row, calls) => this.#end(ctx, row, calls),
    ended: (ctx, row) => this.#lookAgain(ctx, row),
  };

  /** Whatever was made under this name and is not the key of a vault. */
  async #endStrays(ctx: RequestContext, row: ManagedKeyRow, calls: KeyCall[]): Promise<void> {
    const inUse = await this.#inUse(ctx, row);
    const keys = await this.#maker.endStrays(nameOf(ctx, row), inUse, calls);
    await this.database.act(ctx, async (tx) => {
      if (!(await forget(tx, row))) throw new LeaseLost();
      return { result: null, event: { type: 'vault.key.creation_abandoned', vaultId: row.vault_id, calls, details: { keys } } };
    });
  }

  async #end(ctx: RequestContext, row: ManagedKeyRow, calls: KeyCall[]): Promise<void> {
    const ending = await this.#ending(ctx, row);
    const key = this.#keyOf(ctx, ending);
    // Only the commit that takes the key from its vault makes such a row, whoever else may have written this one.
    if ((await this.#inUse(ctx, row)).some((other) => this.#isSame(other, key)))
      throw new KeyStrategyError('refused', { cause: 'key_in_use' });
    const endsAt = await this.#maker.end(key, ending.pending_days, calls);
    if (row.tries > 1) await this.#maker.endStrays(nameOf(ctx, row), [key, ...(await this.#inUse(ctx, row))], calls);
    await this.database.act(ctx, async (tx) => {
      if (!(await markEnded(tx, row, endsAt))) throw new LeaseLost();
      const details = { pendingDays: ending.pending_days, restorableUntil: endsAt.toISOString() };
      return { result: null, event: { type: 'vault.key.deletion_scheduled', vaultId: row.vault_id, calls, details } };
    });
  }

  /** After its end: a key whose end was undone without its vault coming back ends after all. */
  async #lookAgain(ctx: RequestContext, row: ManagedKeyRow): Promise<void> {
    const key = this.#keyOf(ctx, await this.#ending(ctx, row));
    const isOver = await this.#maker.isEnding(key);
    await this.database.note(ctx, isOver ? NOTES.forget : NOTES.endAgain, [row.vault_key_id, row.fence]);
  }

  get #maker(): KeyMaker {
    const { maker } = this.strategies.get(STRATEGY);
    if (!maker) throw new Error(`the strategy ${STRATEGY} makes no keys`);
    return maker;
  }

  async #inUse(ctx: RequestContext, row: ManagedKeyRow): Promise<VaultKey[]> {
    const rows = await this.database.read(ctx, (tx) => findInUse(tx, row));
    return rows.map((stored) => this.#keyOf(ctx, { ...stored, vault_id: row.vault_id }));
  }

  #isSame(one: VaultKey, other: VaultKey): boolean {
    const strategy = this.strategies.get(STRATEGY);
    return strategy.keyIdentity(one.config) === strategy.keyIdentity(other.config);
  }

  async #ending(ctx: RequestContext, row: ManagedKeyRow): Promise<EndingKeyRow> {
    const ending = await this.database.read(ctx, (tx) => findEndingKey(tx, row.vault_key_id));
    if (!ending) throw new LeaseLost();
    return ending;
  }

  #keyOf(ctx: RequestContext, { vault_id: vaultId, vault_key_id: vaultKeyId, config, mac }: StoredKey & { vault_id: string }): VaultKey {
    return this.vaultKeys.open({ workspaceId: ctx.workspaceId, vaultId, vaultKeyId, strategy: STRATEGY }, config, mac);
  }

  #record(ctx: RequestContext, event: AuditEvent): Promise<null> {
    return this.database.act(ctx, () => ({ result: null, event }));
  }
}

/** Somebody else took the row after this process had stalled: what it did, they find done. */
class LeaseLost extends Error {}

/** What the trail tells of a failure. Throws what nobody foresaw. */
function detailsOf(error: unknown): Record<string, unknown> {
  if (error instanceof EnvelopeError) return { cause: error.code };
  if (!(error instanceof KeyStrategyError)) throw error;
  const { cause, region, awsError, awsRequestId } = error.facts;
  return { cause, region, awsError, awsRequestId };
}

function nameOf({ workspaceId }: RequestContext, { vault_id: vaultId, vault_key_id: vaultKeyId }: ManagedKeyRow) {
  return { workspaceId, vaultId, vaultKeyId };
}
