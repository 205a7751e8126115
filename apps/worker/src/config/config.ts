import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { IsIn, validateSync } from 'class-validator';
import { AwsSettings, type Given, LOG_LEVELS, type LogLevel, UNSET_AWS_SETTINGS, WholeNumber, awsProblems, must } from '#settings';

/** What may be known to everybody. Each property is the variable KEYHOLD_ with its name behind it: `jobsAtOnce` is KEYHOLD_JOBS_AT_ONCE. */
export class Config extends AwsSettings {
  @IsIn(LOG_LEVELS, must(`one of ${LOG_LEVELS.join(', ')}`))
  logLevel: LogLevel = 'info';

  /** Connections to PostgreSQL as the service; the worker's own role has as many as it runs jobs, and a few. */
  @WholeNumber(1, 200)
  databasePool = 8;

  /** Jobs and other tasks that this process does at the same time. */
  @WholeNumber(1, 64)
  jobsAtOnce = 8;
}

export const CONFIG_PROPERTIES: ReadonlySet<string> = new Set([...Object.keys(new Config()), ...UNSET_AWS_SETTINGS]);

/** The configuration in `given`, by property, and a sentence for everything that is wrong with it. */
export function readConfig(given: Given): { config: Readonly<Config>; problems: string[] } {
  const own = Object.entries(given).filter(([property]) => CONFIG_PROPERTIES.has(property));
  const config = plainToInstance(Config, Object.fromEntries(own));
  const errors = validateSync(config, { stopAtFirstError: true });
  const problems = errors.flatMap(({ constraints = {} }) => Object.values(constraints));
  return { config: Object.freeze(config), problems: [...problems, ...awsProblems(config)] };
}
