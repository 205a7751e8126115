import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { IsIn, Matches, validateSync } from 'class-validator';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** What the worker is told from outside. It shares its environment with the service, whose other variables are not its own. */
export class Config {
  /** Of the role keyhold_worker, password included: a secret. */
  @Matches(/^postgres(?:ql)?:\/\/\S+$/, {
    message: 'KEYHOLD_DATABASE_URL must be postgres://role:password@host:port/database of the role keyhold_worker.',
  })
  databaseUrl: string;

  @IsIn(LOG_LEVELS, { message: `KEYHOLD_LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}.` })
  logLevel: (typeof LOG_LEVELS)[number] = 'info';
}

/** The process cannot start like this; each problem is a sentence that names what to change, and no value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/** Frozen. An empty variable is one that is not set. Throws ConfigError. */
export function readConfig({ KEYHOLD_DATABASE_URL, KEYHOLD_LOG_LEVEL }: NodeJS.ProcessEnv): Readonly<Config> {
  const config = plainToInstance(Config, {
    ...(KEYHOLD_DATABASE_URL && { databaseUrl: KEYHOLD_DATABASE_URL }),
    ...(KEYHOLD_LOG_LEVEL && { logLevel: KEYHOLD_LOG_LEVEL }),
  });
  const problems = validateSync(config).flatMap(({ constraints = {} }) => Object.values(constraints));
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(config);
}
