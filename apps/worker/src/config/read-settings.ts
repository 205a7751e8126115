import { ConfigError, type Surroundings, isProduction, ownVariables, productionProblems, unknownProblems } from '#settings';
import { CONFIG_PROPERTIES, type Config, readConfig } from './config.js';
import { SECRET_PROPERTIES, type Secrets, readSecrets } from './secrets.js';

export interface Settings {
  readonly config: Readonly<Config>;
  readonly secrets: Secrets;
}

/** Everything the process is told from outside. Throws one ConfigError with a sentence for each thing that is wrong. */
export function readSettings(surroundings: Surroundings): Settings {
  const given = ownVariables(surroundings.environment);
  const { config, problems: configProblems } = readConfig(given);
  const { secrets, problems: secretProblems } = readSecrets(given, isProduction(surroundings));
  const problems = [
    ...unknownProblems(given, CONFIG_PROPERTIES, SECRET_PROPERTIES),
    ...configProblems,
    ...secretProblems,
    ...productionProblems(surroundings, {
      awsEndpoint: config.awsEndpoint,
      rootKey: secrets?.rootKey,
      awsCredentials: secrets?.awsCredentials,
      databaseUrls: { databaseUrl: secrets?.databaseUrl, serviceDatabaseUrl: secrets?.serviceDatabaseUrl },
    }),
  ];
  if (problems.length > 0 || !secrets) throw new ConfigError(problems);
  return Object.freeze({ config, secrets });
}
