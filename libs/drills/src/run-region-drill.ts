import { randomUUID, timingSafeEqual } from 'node:crypto';
import type { RequestContext } from '#access';
import type { Queries, Statement } from '#audit';
import type { Database } from '#database';
import { EnvelopeError, KeyBytes, type RootKey, type WrapContext } from '#envelope';
import { type Job, JobFailed, type JobHandler, type JobLease } from '#jobs';
import {
  type KeyCall,
  KeyStrategyError,
  type KeyStrategyErrorFacts,
  type KeyStrategyCatalog,
  type KeyWrapper,
  type VaultKey,
} from '#key-strategies';
import { type StoredDataKey, type VaultKeys, findVault } from '#vaults';
import { DRILL_JOBS } from './drill-kinds.js';
import type { RegionCheck, RegionReport } from './region-report.js';
import { drillEvent } from './run-revocation-drill.js';

const NEWEST_DATA_KEY: Statement = {
  name: 'drill-newest-data-key',
  text: `SELECT vault_id AS "vaultId", data_key_id AS "dataKeyId", vault_key_id AS "vaultKeyId", wrapped, mac FROM data_keys
    WHERE workspace_id = $1 AND vault_id = $2 AND vault_key_id = $3 ORDER BY data_key_id DESC LIMIT 1`,
};

interface Subject {
  key: VaultKey;
  newest: StoredDataKey | undefined;
}

/** Asks the replica's Region alone, whatever the main one would say: for a data key that is in use, and for a new one. */
export class RunRegionDrill implements JobHandler {
  readonly kind = DRILL_JOBS.region;

  constructor(
    private readonly database: Database,
    private readonly vaultKeys: VaultKeys,
    private readonly strategies: KeyStrategyCatalog,
    private readonly rootKey: RootKey,
  ) {}

  async run(ctx: RequestContext, job: Job, lease: JobLease): Promise<RegionReport> {
    const subject = await this.database.read(ctx, (tx) => this.#subject(tx, ctx, job));
    const regional = this.strategies.get(subject.key.strategy).inRegions?.(subject.key);
    if (!regional) throw new JobFailed('drill_not_possible');
    const { checks, calls } = await this.#checks(regional.replicaAlone(), subject);
    const dataKeyId = subject.newest?.dataKeyId ?? null;
    const report = { region: regional.replica, serves: checks.every(({ ok }) => ok), dataKeyId, checks };
    const event = { ...drillEvent(report.serves ? 'drill.completed' : 'drill.failed', job, report), calls };
    await lease.commit(() => Promise.resolve({ progress: { total: 1, done: 1, failed: 0 }, event }));
    if (!report.serves) throw new JobFailed('replica_does_not_serve', report);
    return report;
  }

  async #subject(tx: Queries, { workspaceId }: RequestContext, { vaultId }: Job): Promise<Subject> {
    const vault = await findVault(tx, vaultId ?? '');
    if (!vault) throw new JobFailed('vault_not_found');
    const id = { workspaceId, vaultId: vault.vault_id, vaultKeyId: vault.active_vault_key_id };
    const [newest] = await tx.query<StoredDataKey>(NEWEST_DATA_KEY, [id.vaultId, id.vaultKeyId]);
    return { key: await this.vaultKeys.find(tx, id), newest };
  }

  async #checks(replica: KeyWrapper, { key, newest }: Subject): Promise<{ checks: RegionCheck[]; calls: KeyCall[] }> {
    const course = new Checks();
    if (newest) await course.make('unwrap_stored_data_key', () => this.#unwrap(replica, contextOf(key, newest.dataKeyId), newest));
    await roundTrip(replica, contextOf(key, randomUUID()), course);
    return course;
  }

  /** Opened to be erased: that it opens is all that is wanted. */
  async #unwrap(replica: KeyWrapper, context: WrapContext, { wrapped, mac }: StoredDataKey): Promise<{ calls: readonly KeyCall[] }> {
    this.rootKey.verifyDataKeyMac(context, wrapped, mac);
    const { dataKey, calls } = await replica.unwrap(context, wrapped);
    dataKey.erase();
    return { calls };
  }
}

/** A new data key, there and back. */
async function roundTrip(replica: KeyWrapper, context: WrapContext, course: Checks): Promise<void> {
  const dataKey = KeyBytes.random();
  try {
    const there = await course.make('wrap', () => replica.wrap(context, dataKey));
    if (there) await course.make('unwrap', () => back(replica, context, there.wrapped, dataKey));
  } finally {
    dataKey.erase();
  }
}

async function back(
  replica: KeyWrapper,
  context: WrapContext,
  wrapped: Buffer,
  expected: KeyBytes,
): Promise<{ calls: readonly KeyCall[] }> {
  const { dataKey, calls } = await replica.unwrap(context, wrapped);
  try {
    if (!timingSafeEqual(dataKey.expose(), expected.expose())) throw new KeyStrategyError('not_intact', { cause: 'round_trip_mismatch' });
    return { calls };
  } finally {
    dataKey.erase();
  }
}

class Checks {
  readonly checks: RegionCheck[] = [];
  readonly calls: KeyCall[] = [];

  /** Undefined when it failed, which is on the list then. */
  async make<Done extends { calls: readonly KeyCall[] }>(check: RegionCheck['check'], act: () => Promise<Done>): Promise<Done | undefined> {
    const beganAt = performance.now();
    const add = (found: Partial<RegionCheck>) =>
      this.checks.push({ ...PASSED, ...found, check, milliseconds: Math.round(performance.now() - beganAt) });
    try {
      const done = await act();
      this.calls.push(...done.calls);
      add({ awsRequestId: done.calls.at(-1)?.requestId ?? null });
      return done;
    } catch (error) {
      if (!(error instanceof KeyStrategyError || error instanceof EnvelopeError)) throw error;
      const facts: Partial<KeyStrategyErrorFacts> = 'facts' in error ? error.facts : {};
      const { cause = error.code, awsError = null, awsRequestId = null, calls = [] } = facts;
      this.calls.push(...calls);
      add({ ok: false, cause, awsError, awsRequestId });
      return undefined;
    }
  }
}

const PASSED = { ok: true, cause: null, awsError: null, awsRequestId: null };

function contextOf({ workspaceId, vaultId, vaultKeyId }: VaultKey, dataKeyId: string): WrapContext {
  return { workspaceId, vaultId, vaultKeyId, dataKeyId };
}
