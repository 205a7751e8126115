import { type RequestContext } from '#access';
import type { AuditEvent } from '#audit';
import type { Database } from '#database';
import { type ItemAsRead, type ResealItems, type ResealedItems, isOvertaken } from '#items';
import { type Job, JobFailed, type JobHandler, type JobKind, type JobLease } from '#jobs';
import { VaultError, type VaultState, findVaultState } from '#vaults';
import { type Failure, withFailures } from './failures.js';
import { type ItemWithSize, type Selection, countGivenOut, countItems, itemsAgain, nextItems } from './item-moves-store.js';
import type { MoveParams } from './move-params.js';
import { type KeyStates, patiently } from './stopped-by.js';

/** Items that one commit moves. */
export const BATCH_ITEMS_MAX = 50;
/** All that a batch opens is in memory at once; a larger item is a batch of its own. */
const BATCH_BYTES_MAX = 8 * 1024 * 1024;
/** An item that is changed each time between being read and being stored is left to a later job. */
const TIMES_OVERTAKEN_MAX = 5;

interface Position {
  after?: string;
  failures: Failure[];
  /** Items that are there still; known when there is nothing more to do. */
  left?: number;
}

/** Moves the items of a vault that its order names to another vault, batch by batch, each in one commit with its events. */
export class MoveItemsJob implements JobHandler {
  constructor(
    readonly kind: Extract<JobKind, 'items.move' | 'vault.evacuation'>,
    private readonly database: Database,
    private readonly resealItems: ResealItems,
  ) {}

  async run(ctx: RequestContext, job: Job, lease: JobLease): Promise<Readonly<Record<string, unknown>>> {
    const moves = new Moves(ctx, job, lease);
    while (moves.position.left === undefined) await this.#step(moves);
    const result = await this.#result(moves);
    if (moves.position.left > 0) throw new JobFailed('items_left', result);
    return result;
  }

  async #step(moves: Moves): Promise<void> {
    const { selection, upTo, position } = moves;
    const limit = BATCH_ITEMS_MAX;
    const found = await this.database.read(moves.ctx, (tx) => nextItems(tx, selection, { upTo, after: position.after, limit }));
    const batch = thoseThatFit(found);
    const last = batch.at(-1);
    if (!last) return moves.end();
    await patiently(
      moves.lease,
      () => this.#states(moves),
      () => this.#batch(moves, batch, last.itemId),
    );
  }

  /** What was changed meanwhile is read again; what went elsewhere meanwhile is none of ours any more. */
  async #batch(moves: Moves, batch: readonly ItemAsRead[], last: string): Promise<void> {
    let failures: Failure[] = [];
    let open = batch;
    for (let times = 1; open.length > 0; times += 1) {
      if (times > TIMES_OVERTAKEN_MAX) {
        failures = [...failures, ...open.map(({ itemId }) => ({ id: itemId, cause: 'changed_meanwhile' }))];
        break;
      }
      moves.lease.signal.throwIfAborted();
      const resealed = await this.resealItems.run(moves.ctx, open, await this.#target(moves));
      failures = [...failures, ...resealed.failed.map(({ item, cause }) => ({ id: item.itemId, cause }))];
      const failed = new Set(failures.map(({ id }) => id));
      const rest = open.filter(({ itemId }) => !failed.has(itemId));
      const moved = await moves.store(resealed, rest.length, failures, last);
      open = await this.#again(moves, rest, moved);
      if (open.length === 0 && moved.size < rest.length) await moves.pass(failures, last);
    }
    if (open.length > 0) await moves.pass(failures, last);
  }

  async #again({ ctx, sourceVaultId }: Moves, items: readonly ItemAsRead[], moved: ReadonlySet<string>): Promise<ItemAsRead[]> {
    const ids = items.filter(({ itemId }) => !moved.has(itemId)).map(({ itemId }) => itemId);
    return ids.length === 0 ? [] : this.database.read(ctx, (tx) => itemsAgain(tx, sourceVaultId, ids));
  }

  async #target({ ctx, targetVaultId }: Moves): Promise<VaultState> {
    const target = await this.database.read(ctx, (tx) => findVaultState(tx, targetVaultId));
    if (!target) throw new VaultError('vault_not_found');
    return target;
  }

  #states({ ctx, sourceVaultId, targetVaultId }: Moves): Promise<KeyStates> {
    return this.database.read(ctx, async (tx) => [
      ['source', await findVaultState(tx, sourceVaultId)] as const,
      ['target', await findVaultState(tx, targetVaultId)] as const,
    ]);
  }

  /** Skipped are those that were gone, or did not match any more, when it was their turn. */
  async #result({ ctx, lease, position, sourceVaultId }: Moves): Promise<Record<string, unknown>> {
    const { total = 0, done: moved, failed } = lease.progress;
    const dataKeysGivenOut = await this.database.read(ctx, (tx) => countGivenOut(tx, sourceVaultId));
    return { moved, skipped: Math.max(0, total - moved - failed), failed, failures: position.failures, dataKeysGivenOut };
  }
}

/** One run of the job. */
class Moves {
  readonly sourceVaultId: string;
  readonly targetVaultId: string;
  readonly upTo: string | null;
  readonly selection: Selection;

  constructor(
    readonly ctx: RequestContext,
    private readonly job: Job,
    readonly lease: JobLease,
  ) {
    const { targetVaultId, upTo, ...filter } = job.params as unknown as MoveParams;
    if (job.vaultId === null) throw new Error('a move out of no vault');
    this.sourceVaultId = job.vaultId;
    this.targetVaultId = targetVaultId;
    this.upTo = upTo;
    this.selection = { sourceVaultId: job.vaultId, scope: job.kind === 'vault.evacuation' ? 'restorable' : 'live', filter };
  }

  get position(): Position {
    return (this.lease.progress.position as Position | undefined) ?? { failures: [] };
  }

  /** Answers the ids of those that were moved. When that is all there was to do, the next batch begins behind this one. */
  async store(resealed: ResealedItems, expected: number, failures: readonly Failure[], last: string): Promise<ReadonlySet<string>> {
    const ids = new Set<string>();
    try {
      await this.lease.commit(async (tx) => {
        const { moved, events } = await resealed.store(tx);
        for (const { itemId } of moved) ids.add(itemId);
        const isWhole = moved.length === expected;
        const told = isWhole ? failures : []; // those of a batch that is not done come again
        return { ...this.#progress(moved.length, told, isWhole ? last : undefined), event: this.#told(events, told) };
      });
    } catch (error) {
      if (!isOvertaken(error)) throw error;
      return new Set();
    }
    resealed.committed();
    return ids;
  }

  /** Behind a batch of which some could not be moved, or were not there any more. */
  async pass(failures: readonly Failure[], last: string): Promise<void> {
    await this.lease.commit(() => Promise.resolve({ ...this.#progress(0, failures, last), event: this.#told([], failures) }));
  }

  async end(): Promise<void> {
    await this.lease.commit(async (tx) => {
      const position: Position = { ...this.position, left: await countItems(tx, this.selection, this.upTo) };
      return { progress: { ...this.lease.progress, position }, event: this.#told([], []) };
    });
  }

  #progress(moved: number, failures: readonly Failure[], after: string | undefined) {
    const { progress } = this.lease;
    const position: Position = {
      ...this.position,
      ...(after !== undefined && { after }),
      failures: withFailures(this.position.failures, failures),
    };
    return { progress: { ...progress, done: progress.done + moved, failed: progress.failed + failures.length, position } };
  }

  #told(events: readonly AuditEvent[], failures: readonly Failure[]): readonly [AuditEvent, ...AuditEvent[]] {
    const { jobId, kind } = this.job;
    const details = { jobId, kind, moved: events.length, failures };
    return [{ type: 'job.progressed', vaultId: this.sourceVaultId, details }, ...events];
  }
}

/** At least one. */
function thoseThatFit(found: readonly ItemWithSize[]): readonly ItemAsRead[] {
  let bytes = 0;
  const end = found.findIndex((item, at) => (bytes += item.bytes) > BATCH_BYTES_MAX && at > 0);
  return end === -1 ? found : found.slice(0, end);
}
