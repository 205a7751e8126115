import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { Database, checkRole } from '#database';
import { ConfigError, surroundings } from '#settings';
import { createApp } from './bootstrap.js';
import { type Settings, readSettings } from './config/read-settings.js';
import { lastWords } from './log/last-words.js';
import { createLogger } from './log/logger.js';

/** A shutdown that takes longer than the longest request has something that will not end. */
const STOP_WITHIN_MS = 20_000;

const settings = readSettingsOrExit();
const log = createLogger('api', settings.config.logLevel);
process.on('uncaughtException', lastWords(log));
try {
  const app = await createApp(settings, log);
  settings.secrets.rootKey.fill(0);
  await refuseUnfitRole(app);
  endInTime(log);
  await app.listen({ port: settings.config.port, host: settings.config.host });
} catch (err) {
  exitUnstarted(log, err);
}

function readSettingsOrExit(): Settings {
  try {
    return readSettings(surroundings());
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

/** Nobody serves with a role for which row-level security does not hold, or before the database has said which role it is. */
async function refuseUnfitRole(app: NestFastifyApplication): Promise<void> {
  const problems = await checkRole(app.get(Database));
  if (problems.length > 0) throw new ConfigError(problems);
}

function exitUnstarted(log: Logger, err: unknown): never {
  if (err instanceof ConfigError) process.stderr.write(`${err.message}\n`);
  log.fatal({ err }, 'cannot start');
  process.exit(1);
}

function endInTime(log: Logger): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info({ signal }, 'stopping');
      setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    });
  }
}
