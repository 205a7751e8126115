import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { type Given, ProcessSettings, UNSET_AWS_SETTINGS, WholeNumber, awsProblems } from '#settings';

/** What may be known to everybody. Each property is the variable KEYHOLD_ with its name behind it: `jobsAtOnce` is KEYHOLD_JOBS_AT_ONCE. */
export class Config extends ProcessSettings {
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
