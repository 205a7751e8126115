import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Logger, type Runner, type TaskList, type WorkerEvents, parseCronItems, run } from 'graphile-worker';
import type { Logger as Log } from 'pino';
import type { WorkerDatabase } from '#database';
import { inSpan } from '#telemetry';

/** A task that comes by itself. */
export interface Recurring {
  task: string;
  /** Whole minutes between two runs: a divisor of 60. */
  everyMinutes: number;
}

export interface QueueParts {
  database: WorkerDatabase;
  tasks: Readonly<Record<string, (payload: unknown, stop: AbortSignal) => Promise<void>>>;
  recurring: readonly Recurring[];
  atOnce: number;
  log: Log;
}

/** How far runs of a recurring task are spread, so that installations on one server do not all begin with the minute. */
const SPREAD_MS = 30_000;
const START_LATER = 'start-later';
const AGAIN_AFTER_MS = 1_000;
const POLL_MS = 2_000;

/** The tasks that this process takes from the queue. The queue's tables are the owner's: here nothing changes them. */
export class Queue {
  #runner: Runner | undefined;
  #lock: string | null = null;
  #isStopped = false;
  #running: Promise<void> = Promise.resolve();

  constructor(private readonly parts: QueueParts) {}

  /** Under what name this process has locked its tasks. */
  readonly lock = (): string | null => this.#lock;

  async start(): Promise<void> {
    await this.#run();
    this.#running = this.#goOn();
  }

  /** Takes no more tasks, tells those under way to stop, and waits for them. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#runner?.stop();
    await this.#running;
  }

  /** A runner ends by itself when it cannot give a task back, the database being away: the next one does. */
  async #goOn(): Promise<void> {
    for (;;) {
      await this.#runner?.promise.catch((err: unknown) => this.parts.log.error({ err }, 'the queue broke off'));
      if (this.#isStopped) return;
      await delay(AGAIN_AFTER_MS);
      await this.#restart().catch((err: unknown) => this.parts.log.error({ err }, 'the queue cannot be taken up again yet'));
    }
  }

  async #restart(): Promise<void> {
    await this.parts.database.ask(UNLOCK, [this.#lock]);
    await this.#run();
  }

  async #run(): Promise<void> {
    const { database, atOnce, log } = this.parts;
    const events: WorkerEvents = new EventEmitter();
    events.on('pool:create', ({ workerPool }) => (this.#lock = workerPool.id));
    this.#runner = await run({
      pgPool: database.pool,
      concurrency: atOnce,
      pollInterval: POLL_MS,
      noHandleSignals: true,
      gracefulShutdownAbortTimeout: 0,
      taskList: this.#taskList(),
      parsedCronItems: parseCronItems(this.parts.recurring.map(cronItem)),
      events,
      logger: quietLogger(log),
    });
  }

  #taskList(): TaskList {
    const tasks = Object.entries(this.parts.tasks);
    return {
      ...Object.fromEntries(
        tasks.map(([name, task]) => [name, (payload, { abortSignal }) => inSpan(name, {}, () => task(payload, abortSignal))]),
      ),
      [START_LATER]: async (payload, { addJob }) => {
        const { task } = payload as { task: string };
        await addJob(task, {}, { runAt: new Date(Date.now() + Math.random() * SPREAD_MS), jobKey: `recurring/${task}`, maxAttempts: 1 });
      },
    } satisfies TaskList;
  }
}

const UNLOCK = { name: 'queue-unlock-own', text: 'SELECT graphile_worker.force_unlock_workers(ARRAY[$1::text])' };

/** Of all workers the one that comes first makes the task for a minute. */
const cronItem = ({ task, everyMinutes }: Recurring) => ({
  task: START_LATER,
  match: everyMinutes === 60 ? '0 * * * *' : `*/${everyMinutes} * * * *`,
  identifier: task,
  payload: { task },
  options: { backfillPeriod: everyMinutes * 60_000, maxAttempts: 1 },
});

/** The library's texts quote what errors say, and those quote rows: of an error its name and code are enough. */
function quietLogger(log: Log): Logger {
  return new Logger(({ taskIdentifier }) => (level, _message, meta) => {
    const err = meta['error'] ?? meta['fatalError'];
    if (level === 'error') log.error({ err, task: taskIdentifier }, 'the queue reports a failure');
    else if (level === 'warning') log.warn({ err, task: taskIdentifier }, 'the queue reports something unusual');
  });
}
