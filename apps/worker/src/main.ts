import { ConfigError, readConfig } from './config.js';
import { createLogger } from './log.js';
import { purgeJob } from './purge-expired.js';
import { Schedule } from './schedule.js';

const PURGE_EVERY_SECONDS = 15 * 60;
/** Longer than any statement of a job may take. */
const STOP_WITHIN_MS = 70_000;

const config = readConfigOrExit();
const log = createLogger(config.logLevel);
process.on('uncaughtException', (err) => {
  log.fatal({ err }, 'ended by an error that nobody handled'); // and not by Node, which prints all of it
  process.exit(1);
});
const purge = new Schedule(purgeJob(config.databaseUrl, log), {
  everySeconds: PURGE_EVERY_SECONDS,
  onFailure: (err) => log.error({ err, job: 'purge-expired' }, 'job failed'),
});

purge.start();
log.info('worker ready');
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(signal));

async function stop(signal: string): Promise<void> {
  log.info({ signal }, 'stopping');
  setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
  await purge.stop();
  process.exit(0);
}

function readConfigOrExit(): ReturnType<typeof readConfig> {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
