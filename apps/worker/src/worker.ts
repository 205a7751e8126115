import type { Logger } from 'pino';
import type { DeliverAlerts } from '#alerts';
import { checkRole } from '#database';
import { type JobHandler, RunJob } from '#jobs';
import { ProbeVault, Prober } from '#key-health';
import { Metrics, MetricsServer, addDeploymentGauges } from '#metrics';
import { OwnNode, buryGoneNodes } from '#nodes';
import { ConfigError } from '#settings';
import { SettleManagedKeys } from '#vaults';
import type { Settings } from './config/read-settings.js';
import { type Foundation, deliverAlerts, foundation } from './foundation.js';
import { Queue } from './queue.js';
import { Schedule } from './schedule.js';
import { finaliseRekeysTask } from './tasks/finalise-rekeys.js';
import { purgeTask } from './tasks/purge-expired.js';
import { requeueTask } from './tasks/requeue-jobs.js';
import { runJobTask } from './tasks/run-job.js';
import { settleTask } from './tasks/settle-managed-keys.js';

const PURGE_EVERY_MINUTES = 15;
const LOOK_FOR_GONE_EVERY_SECONDS = 1;
const LOOK_FOR_PROBES_EVERY_SECONDS = 1;
/** They wait for AWS most of the time, and nobody waits for them. */
const PROBES = { atOnce: 16, perWorkspace: 4 };
const LOOK_FOR_ALERTS_EVERY_SECONDS = 1;

/** One worker process: what it takes from the queue, and what it does besides by itself. */
export class Worker {
  readonly #parts: Foundation;
  readonly #queue: Queue;
  readonly #node: OwnNode;
  readonly #prober: Prober;
  readonly #alerts: DeliverAlerts;
  readonly #metrics = new Metrics();
  readonly #metricsServer: MetricsServer;
  readonly #schedules: readonly Schedule[];

  constructor(
    { config, secrets }: Settings,
    private readonly log: Logger,
    handlersOf: (parts: Foundation) => readonly JobHandler[],
  ) {
    this.#parts = foundation({ config, secrets });
    const { database, workerDatabase, jobs, vaultKeys, strategies } = this.#parts;
    const settleManagedKeys = new SettleManagedKeys(database, vaultKeys, strategies);
    const onFailure = (err: unknown, jobId: string) => this.log.error({ err, jobId }, 'a job broke off');
    this.#queue = new Queue({
      database: workerDatabase,
      atOnce: config.jobsAtOnce,
      log,
      tasks: {
        'run-job': runJobTask(new RunJob(database, jobs, handlersOf(this.#parts), { onFailure })),
        'purge-expired': purgeTask(secrets.databaseUrl, log),
        'requeue-jobs': requeueTask(workerDatabase, log),
        'settle-managed-keys': settleTask(workerDatabase, settleManagedKeys, log),
        'finalise-rekeys': finaliseRekeysTask(workerDatabase, database, log),
      },
      recurring: [
        { task: 'purge-expired', everyMinutes: PURGE_EVERY_MINUTES },
        { task: 'requeue-jobs', everyMinutes: 1 },
        { task: 'settle-managed-keys', everyMinutes: 1 },
        { task: 'finalise-rekeys', everyMinutes: 10 },
      ],
    });
    addDeploymentGauges(this.#metrics.registry, workerDatabase);
    this.#metricsServer = new MetricsServer(this.#metrics.registry, { port: config.metricsPort, host: config.metricsHost });
    this.#node = new OwnNode(workerDatabase, 'worker', this.#queue.lock, (err) => this.log.warn({ err }, 'no sign of life could be given'));
    this.#prober = this.#newProber();
    this.#alerts = deliverAlerts({ config, secrets }, this.#parts, (err) => this.log.error({ err }, 'an alert could not be delivered'));
    this.#schedules = [
      this.#every(LOOK_FOR_GONE_EVERY_SECONDS, 'bury-gone-nodes', () => this.#buryGone()),
      this.#every(LOOK_FOR_ALERTS_EVERY_SECONDS, 'deliver-alerts', () => this.#alerts.look()),
      this.#every(LOOK_FOR_PROBES_EVERY_SECONDS, 'probe-vaults', () => this.#prober.begin().then(() => undefined)),
    ];
  }

  /** Throws ConfigError for a database role that could see past row-level security. */
  async start(): Promise<void> {
    const problems = await checkRole(this.#parts.database);
    if (problems.length > 0) throw new ConfigError(problems);
    await this.#metricsServer.start();
    await this.#queue.start();
    await this.#node.join();
    for (const schedule of this.#schedules) schedule.start();
  }

  /** By which the table of processes knows it. */
  get nodeId(): string {
    return this.#node.id;
  }

  /** Lets what is under way come to its next commit, and gives it to the other workers. */
  async stop(): Promise<void> {
    await Promise.all(this.#schedules.map((schedule) => schedule.stop()));
    await Promise.all([this.#queue.stop(), this.#prober.settled(), this.#alerts.settled()]);
    await this.#node.leave();
    await this.#metricsServer.stop();
    this.#metrics.close();
    await Promise.all([this.#parts.database.close(), this.#parts.workerDatabase.close()]);
  }

  #every(everySeconds: number, name: string, work: () => Promise<void>): Schedule {
    return new Schedule(work, { everySeconds, onFailure: (err) => this.log.error({ err, task: name }, 'task failed') });
  }

  #newProber(): Prober {
    const { database, workerDatabase, strategies, vaultKeys } = this.#parts;
    const onFailure = (err: unknown, { workspaceId, vaultId }: { workspaceId: string; vaultId: string }) =>
      this.log.error({ err, workspaceId, vaultId }, 'a vault key could not be asked how it is');
    return new Prober(workerDatabase, new ProbeVault(database, strategies, vaultKeys), { ...PROBES, onFailure });
  }

  async #buryGone(): Promise<void> {
    const { gone, orphaned } = await buryGoneNodes(this.#parts.workerDatabase);
    if (gone + orphaned > 0) this.log.warn({ gone, orphaned }, 'processes are gone without a word');
  }
}
