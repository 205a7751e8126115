import type { RequestContext } from '#access';
import type { AuditEvent, Queries } from '#audit';
import type { Database } from '#database';
import { EnvelopeError } from '#envelope';
import { type Job, JobFailed, type JobHandler, type JobLease } from '#jobs';
import { KeyStrategyError } from '#key-strategies';
import {
  type KeyToRewrap,
  type RewrapDataKey,
  type RewrappedKey,
  countKeysToRewrap,
  endProbesOfEmptied,
  findKeysToRewrap,
  findVaultKeyState,
  keepWraps,
  switchDataKey,
} from '#vaults';
import { type Failure, withFailures } from './failures.js';
import type { RekeyParams } from './move-params.js';
import { type KeyStates, patiently } from './stopped-by.js';

/** Data keys that one commit switches. */
const BATCH_KEYS_MAX = 8;
/** Half of what a vault key may be asked at once: other requests find room, and never a full queue. */
const AT_ONCE = 4;

/** How far the job is; what is done stands in the rows of the data keys. */
interface Position {
  after?: string;
  failures: Failure[];
  /** Data keys that stand under another key still; known once the last event is on record, which a job that is begun again does not repeat. */
  left?: number;
}

interface Outcome {
  key: KeyToRewrap;
  rewrapped?: RewrappedKey;
  failure?: string;
}

/**
 * Puts every data key of a vault under the key that the vault has now. Each is opened with the key it stands under, wrapped by the
 * other, and opened again with that one, before its row is switched by compare-and-set; the wrap it had is kept. No item is touched.
 *
 * It is done when nothing stands under another key: the vault has had its new key since before the first batch, and no data key
 * can be stored under one that is not the vault's.
 */
export class RekeyJob implements JobHandler {
  readonly kind = 'vault.rekey';

  constructor(
    private readonly database: Database,
    private readonly rewrap: RewrapDataKey,
  ) {}

  async run(ctx: RequestContext, job: Job, lease: JobLease): Promise<Readonly<Record<string, unknown>>> {
    const rekey = new Rekey(ctx, job, lease);
    while (rekey.position.left === undefined) await this.#step(rekey);
    if (rekey.position.left > 0) throw new JobFailed('data_keys_left', rekey.result());
    return rekey.result();
  }

  async #step(rekey: Rekey): Promise<void> {
    const { ctx, vaultId, vaultKeyId, position } = rekey;
    const keys = await this.database.read(ctx, (tx) => findKeysToRewrap(tx, vaultId, vaultKeyId, position.after, BATCH_KEYS_MAX));
    if (keys.length === 0) return rekey.end();
    const states = () => this.database.read(ctx, (tx) => statesOf(tx, vaultId, vaultKeyId, keys));
    await patiently(rekey.lease, states, () => this.#batch(rekey, keys));
  }

  /** What was rewrapped is stored, whatever came in the way of the rest. */
  async #batch(rekey: Rekey, keys: readonly KeyToRewrap[]): Promise<void> {
    const { outcomes, error } = await this.#rewrapAll(rekey, keys);
    if (outcomes.length > 0) await rekey.store(outcomes, error === undefined ? keys.at(-1)?.stored.dataKeyId : undefined);
    if (error !== undefined) throw error;
  }

  async #rewrapAll({ ctx, vaultKeyId, lease }: Rekey, keys: readonly KeyToRewrap[]): Promise<{ outcomes: Outcome[]; error?: Error }> {
    const rest = keys.values();
    const outcomes: Outcome[] = [];
    let stoppedBy: Error | undefined;
    const takeTurns = async () => {
      for (const key of rest) {
        if (stoppedBy || lease.signal.aborted) return;
        try {
          outcomes.push({ key, rewrapped: await this.rewrap.run(ctx, key, vaultKeyId) });
        } catch (error) {
          if (isNotIntact(error)) outcomes.push({ key, failure: 'not_intact' });
          else stoppedBy ??= error as Error;
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, takeTurns));
    lease.signal.throwIfAborted();
    return { outcomes, ...(stoppedBy && { error: stoppedBy }) };
  }
}

/** One run of the job. */
class Rekey {
  readonly vaultId: string;
  readonly vaultKeyId: string;
  readonly #isUndo: boolean;

  constructor(
    readonly ctx: RequestContext,
    private readonly job: Job,
    readonly lease: JobLease,
  ) {
    const { vaultKeyId, isUndo } = job.params as unknown as RekeyParams;
    if (job.vaultId === null) throw new Error('a rekey of no vault');
    this.vaultId = job.vaultId;
    this.vaultKeyId = vaultKeyId;
    this.#isUndo = isUndo;
  }

  get position(): Position {
    return (this.lease.progress.position as Position | undefined) ?? { failures: [] };
  }

  result(): Record<string, unknown> {
    const { done, failed } = this.lease.progress;
    return { dataKeys: done, failed, failures: this.position.failures };
  }

  /** @param after where the next batch begins; undefined when it begins where this one did */
  async store(outcomes: readonly Outcome[], after: string | undefined): Promise<void> {
    await this.lease.commit(async (tx) => {
      const { progress } = this.lease;
      const switched = await switchAll(tx, outcomes);
      await keepWraps(tx, this.vaultId, [...new Set(outcomes.map(({ key }) => key.stored.vaultKeyId))]);
      // Those of a batch that broke off come again, and are told of then.
      const failures = after === undefined ? [] : outcomes.flatMap(failureOf);
      const done = progress.done + switched.length;
      const position: Position = {
        ...this.position,
        ...(after !== undefined && { after }),
        failures: withFailures(this.position.failures, failures),
      };
      return {
        progress: { ...progress, done, failed: progress.failed + failures.length, position },
        event: this.#progressed(switched, failures, done),
      };
    });
  }

  async end(): Promise<void> {
    await this.lease.commit(async (tx) => {
      const { progress } = this.lease;
      const left = (await countKeysToRewrap(tx, this.vaultId, this.vaultKeyId)).reduce((all, { dataKeys }) => all + dataKeys, 0);
      await endProbesOfEmptied(tx, { vaultId: this.vaultId, vaultKeyId: this.vaultKeyId });
      const details = { jobId: this.job.jobId, dataKeys: progress.done, failed: progress.failed, left, isUndo: this.#isUndo };
      const event: AuditEvent = { type: left > 0 ? 'vault.rewrap.failed' : 'vault.rewrap.completed', vaultId: this.vaultId, details };
      return { progress: { ...progress, position: { ...this.position, left } satisfies Position }, event };
    });
  }

  #progressed(switched: readonly RewrappedKey[], failures: readonly Failure[], done: number): AuditEvent {
    const { jobId, kind } = this.job;
    const dataKeyIds = switched.map(({ after }) => after.dataKeyId);
    const details = { jobId, kind, done, dataKeyIds, failures };
    return { type: 'job.progressed', vaultId: this.vaultId, calls: switched.flatMap(({ calls }) => calls), details };
  }
}

/** Answers those that were switched: what somebody else put under the key meanwhile is done, but not by this. */
async function switchAll(tx: Queries, outcomes: readonly Outcome[]): Promise<RewrappedKey[]> {
  const switched: RewrappedKey[] = [];
  for (const { rewrapped } of outcomes) {
    if (rewrapped && (await switchDataKey(tx, rewrapped.before, rewrapped.after))) switched.push(rewrapped);
  }
  return switched;
}

async function statesOf(tx: Queries, vaultId: string, to: string, keys: readonly KeyToRewrap[]): Promise<KeyStates> {
  const from = new Set(keys.map(({ stored }) => stored.vaultKeyId));
  const old = await Promise.all([...from].map((vaultKeyId) => findVaultKeyState(tx, { vaultId, vaultKeyId })));
  return [['new', await findVaultKeyState(tx, { vaultId, vaultKeyId: to })] as const, ...old.map((state) => ['old', state] as const)];
}

function isNotIntact(error: unknown): boolean {
  return (error instanceof EnvelopeError || error instanceof KeyStrategyError) && error.code === 'not_intact';
}

const failureOf = ({ key, failure }: Outcome): Failure[] => (failure === undefined ? [] : [{ id: key.stored.dataKeyId, cause: failure }]);
