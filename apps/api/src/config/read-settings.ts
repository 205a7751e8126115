import { CONFIG_PROPERTIES, type Config, readConfig } from './config.js';
import { ConfigError } from './config-error.js';
import { type Surroundings, productionProblems } from './production-rules.js';
import { SECRET_PROPERTIES, type Secrets, readSecrets } from './secrets.js';
import { ownVariables, variableOf } from './variables.js';

export interface Settings {
  readonly config: Readonly<Config>;
  readonly secrets: Secrets;
}

/** Everything the process is told from outside. Throws one ConfigError with a sentence for each thing that is wrong. */
export function readSettings(surroundings: Surroundings): Settings {
  const given = ownVariables(surroundings.environment);
  const { config, problems: configProblems } = readConfig(given);
  const { secrets, problems: secretProblems } = readSecrets(given);
  const problems = [...unknownProblems(given), ...configProblems, ...secretProblems, ...productionProblems(surroundings, config, secrets)];
  if (problems.length > 0 || !secrets) throw new ConfigError(problems);
  return Object.freeze({ config, secrets });
}

function unknownProblems(given: Readonly<Record<string, string>>): string[] {
  const unknown = Object.keys(given).filter((property) => !CONFIG_PROPERTIES.has(property) && !SECRET_PROPERTIES.has(property));
  return unknown.map((property) => `${variableOf(property)} is not a variable of this version: correct its name or remove it.`);
}
