import type { Logger } from 'pino';
import type { JobHandler } from '#jobs';
import { ConfigError } from '#settings';
import type { Settings } from './config/read-settings.js';
import type { Foundation } from './foundation.js';
import { createLogger } from './log.js';
import { Worker } from './worker.js';

/** Longer than any statement of a task, or call to AWS, may take. */
const STOP_WITHIN_MS = 70_000;

/** Works until it is told to stop. */
export async function serve(settings: Settings, handlersOf: (parts: Foundation) => readonly JobHandler[]): Promise<void> {
  const log = createLogger(settings.config.logLevel);
  process.on('uncaughtException', (err) => {
    log.fatal({ err }, 'ended by an error that nobody handled'); // and not by Node, which prints all of it
    process.exit(1);
  });
  const worker = new Worker(settings, log, handlersOf);
  settings.secrets.rootKey.fill(0);
  await worker.start().catch((err: unknown) => exitUnstarted(log, err));
  log.info({ nodeId: worker.nodeId }, 'worker ready');
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(worker, log, signal));
}

async function stop(worker: Worker, log: Logger, signal: string): Promise<void> {
  log.info({ signal }, 'stopping');
  setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
  await worker.stop();
  process.exit(0);
}

function exitUnstarted(log: Logger, err: unknown): never {
  if (err instanceof ConfigError) process.stderr.write(`${err.message}\n`);
  log.fatal({ err }, 'cannot start');
  process.exit(1);
}
