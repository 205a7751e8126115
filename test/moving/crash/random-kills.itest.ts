import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { seeded } from '../../harness/seeded.js';
import type { SandboxFault } from '../../harness/sandbox.js';
import type { Running } from '../../harness/service.js';
import { type CrashWorld, NOTHING_FOUND, type Pair, aCrashWorld } from './crash-world.js';

jest.setTimeout(900_000);

const SEED = Number(process.env['SEED'] ?? 20_261_122);
const KILLS = Number(process.env['KILLS'] ?? 200);
const PAIRS = 4;
const ITEMS = Number(process.env['ITEMS'] ?? 10_000);
const WORKERS = 3;
const RESUMED_WITHIN_SECONDS = 10;
/** After so many kills each. */
const DATABASE_CRASH_EVERY = 40;
const FAULT_EVERY = 15;
const SLEEP_EVERY = 60;
const FAULT_MS = 4_000;
/** More than twice as long as a worker is silent before another one takes its jobs. */
const SLEEP_MS = 12_000;

const FAULTS: readonly SandboxFault[] = [
  { kind: 'throttle' },
  { kind: 'error', status: 500, code: 'KMSInternalException' },
  { kind: 'reset' },
  { kind: 'garbage' },
  { kind: 'latency', ms: 300 },
];

describe('vaults and items that move while workers, database and KMS fail', () => {
  let world: CrashWorld;
  let pairs: Pair[];
  const random = seeded(SEED);
  const pick = <One>(of: readonly One[]): One => of[Math.floor(random() * of.length)] as One;

  beforeAll(async () => {
    console.log(`seed: ${SEED}`);
    world = await aCrashWorld();
    pairs = [];
    for (let at = 0; at < PAIRS; at += 1) pairs.push(await world.aPair({ items: ITEMS / PAIRS, versionsPerDataKey: 20 }));
  }, 240_000);
  afterAll(() => world.stop());

  test(`lose and double nothing in ${KILLS} kills, and go on within ten seconds`, async () => {
    const fleet = new Fleet(world, random);
    await fleet.fill();
    const hurdles = new Hurdles();
    const strikes: Promise<void>[] = [];
    const isOver = { value: false };
    const moving = Promise.all(pairs.map((pair, at) => keepMoving(pair, at, () => isOver.value)));
    for (let kills = 1; kills <= KILLS; kills += 1) {
      await pause(400 + random() * 900);
      await fleet.killOne(kills % SLEEP_EVERY === 0 ? SLEEP_MS : undefined);
      if (kills % FAULT_EVERY === 0) strikes.push(hurdles.note(5_000, () => strike()));
      if (kills % DATABASE_CRASH_EVERY === 0) await hurdles.note(10_000, () => world.postgres.crash());
    }
    isOver.value = true;
    await Promise.all(strikes);
    const rounds = (await moving).reduce((all, count) => all + count);
    const findings = await world.check(pairs);
    const resumed = await resumeSeconds(fleet.kills, hurdles);
    const worst = Math.max(...resumed);
    console.log(`figure: rekey-kills = ${fleet.kills.length}`);
    console.log(`figure: rekey-lost = ${Object.values(findings).flat().length}`);
    console.log(`figure: rekey-resume-seconds = ${worst.toFixed(1)}`);
    console.log(`${rounds} jobs; ${resumed.length} times gone on with after a kill`);
    expect(findings).toEqual(NOTHING_FOUND);
    expect(rounds).toBeGreaterThanOrEqual(PAIRS);
    expect(worst).toBeLessThan(RESUMED_WITHIN_SECONDS);
    await nothingIsLeftToDo(pairs[0] as Pair);
    await fleet.stop();
  });

  /** One job after the other, each to its end; answers how many. */
  async function keepMoving({ first, second }: Pair, at: number, isOver: () => boolean): Promise<number> {
    const [one, other] = world.customers.map(({ target }) => ({ strategy: 'aws-kms', awsKms: target }));
    const round: [path: string, body: object][] = [
      [`/vaults/${first}/rekey`, other ?? {}],
      ['/item-moves', { sourceVaultId: first, targetVaultId: second }],
      [`/vaults/${first}/rekey/undo`, {}],
      ['/item-moves', { sourceVaultId: second, targetVaultId: first }],
      [`/vaults/${second}/rekey`, other ?? {}],
      [`/vaults/${second}/rekey`, one ?? {}],
    ];
    let jobs = 0;
    // Some begin in the middle: not all do the same at the same time.
    for (let step = (at % 2) * 3; !isOver(); step += 1) {
      const [path, body] = round[step % round.length] ?? ['', {}];
      const begun = await world.begin(path, body);
      const done = await goOnUntilDone(begun.id);
      expect(done).toMatchObject({ state: 'completed', progress: { ...begun.progress, done: begun.progress.total, failed: 0 } });
      jobs += 1;
    }
    return jobs;
  }

  /** A job that waited for a key for minutes waits for somebody to resume it. */
  async function goOnUntilDone(jobId: string) {
    for (;;) {
      const job = await world.rest(jobId);
      if (job.state !== 'paused') return job;
      await world.acme.call('POST', `/jobs/${jobId}/resume`);
    }
  }

  async function strike(): Promise<void> {
    const operation = pick(['Decrypt', 'Encrypt'] as const);
    const lift = await world.keyhold.sandbox.control.fault({ service: 'kms', operation, fault: pick(FAULTS) });
    await pause(FAULT_MS);
    await lift();
  }

  /** Seconds from each kill to the next thing that was done for a job that the victim had, unless the next one who had it was killed first. */
  async function resumeSeconds(kills: readonly Kill[], hurdles: Hurdles): Promise<number[]> {
    const done = await world.postgres.ask<{ job: string; at: Date }>(
      `SELECT details->>'jobId' AS job, at FROM audit_events WHERE type IN ('job.progressed', 'job.completed') ORDER BY at`,
    );
    return kills.flatMap(({ at: killed, jobs }) =>
      jobs.flatMap((job) => {
        const next = done.find((event) => event.job === job && event.at.getTime() > killed)?.at.getTime();
        if (next === undefined || hurdles.within(killed, next)) return [];
        const wasKilledAgain = kills.some(({ at, jobs: held }) => at > killed && at < next && held.includes(job));
        return wasKilledAgain ? [] : [(next - killed) / 1_000];
      }),
    );
  }

  async function nothingIsLeftToDo({ first, second }: Pair): Promise<void> {
    const digest = () =>
      world.postgres.ask(`SELECT md5(string_agg(t::text, '' ORDER BY t::text)) AS data_keys,
        (SELECT md5(string_agg(s::text, '' ORDER BY s::text)) FROM item_versions s) AS versions FROM data_keys t`);
    const before = await digest();
    const jobs = await world.postgres.ask<{ id: string }>('SELECT job_id AS id FROM jobs');
    for (const { id } of jobs) {
      const payload = JSON.stringify({ workspaceId: world.acme.id, id });
      await world.postgres.ask(`SELECT graphile_worker.add_job('run-job', $1::json)`, [payload]);
    }
    const [held] = await world.postgres.ask<{ vault: string }>('SELECT vault_id AS vault FROM items WHERE vault_id = ANY ($1) LIMIT 1', [
      [first, second],
    ]);
    const empty = held?.vault === first ? second : first;
    const again = await world.order('/item-moves', { sourceVaultId: empty, targetVaultId: held?.vault });
    expect(again).toMatchObject({ state: 'completed', progress: { total: 0, done: 0 } });
    expect(await digest()).toEqual(before);
  }
});

/** When something else than a worker was out of order: such a time says nothing about workers. */
class Hurdles {
  readonly #times: [from: number, to: number][] = [];

  /** @param lastingMs how long afterwards it is felt still */
  async note(lastingMs: number, strike: () => Promise<unknown>): Promise<void> {
    const from = Date.now();
    await strike();
    this.#times.push([from, Date.now() + lastingMs]);
  }

  within(from: number, to: number): boolean {
    return this.#times.some(([begin, end]) => begin < to && from < end);
  }
}

interface Kill {
  at: number;
  /** Those that the victim had locked in the queue. */
  jobs: readonly string[];
}

/** Workers of which there is always one that is ready. */
class Fleet {
  readonly kills: Kill[] = [];
  #ready: Running[] = [];
  readonly #coming = new Set<Promise<void>>();
  readonly #asleep: Promise<unknown>[] = [];

  constructor(
    private readonly world: CrashWorld,
    private readonly random: () => number,
  ) {}

  async fill(): Promise<void> {
    for (let at = 0; at < WORKERS; at += 1) this.#add();
    await Promise.all(this.#coming);
  }

  /** One of those that are ready, when that leaves another one. With `sleepMs` it is only stopped, and wakes up after that time. */
  async killOne(sleepMs: number | undefined): Promise<void> {
    while (this.#ready.length < 2) await Promise.race(this.#coming);
    const [victim] = this.#ready.splice(Math.floor(this.random() * this.#ready.length), 1);
    if (!victim) return;
    const at = Date.now();
    if (sleepMs === undefined) await victim.stop('SIGKILL');
    else this.#asleep.push(this.#sleep(victim, sleepMs));
    this.kills.push({ at, jobs: await this.#lockedBy(victim) });
    this.#add();
  }

  async #lockedBy(worker: Running): Promise<string[]> {
    const nodeId = /"nodeId":"([0-9a-f-]+)"/.exec(worker.log())?.[1];
    const rows = await this.world.postgres.ask<{ job: string }>(
      `SELECT split_part(j.key, '/', 3) AS job FROM graphile_worker.jobs j JOIN nodes n ON n.queue_lock = j.locked_by
        WHERE n.node_id = $1 AND j.key LIKE 'run-job/%'`,
      [nodeId],
    );
    return rows.map(({ job }) => job);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#coming, ...this.#asleep]);
    await Promise.all(this.#ready.map((worker) => worker.stop()));
  }

  async #sleep(worker: Running, sleepMs: number): Promise<void> {
    worker.process.kill('SIGSTOP');
    await pause(sleepMs);
    worker.process.kill('SIGCONT');
    await pause(sleepMs / 4);
    await worker.stop();
  }

  /** The database may be away when it starts: then another one is tried. */
  #add(): void {
    const coming = this.world.keyhold
      .aWorker()
      .then((worker) => void this.#ready.push(worker))
      .catch(() => this.#add())
      .finally(() => this.#coming.delete(coming));
    this.#coming.add(coming);
  }
}

const pause = (ms: number): Promise<void> => new Promise((go) => setTimeout(go, ms));
