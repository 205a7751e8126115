import type { StaticCredentials } from '#aws';
import { AWS_CREDENTIAL_PROPERTIES, type Given, databaseUrlReader, readAwsCredentials, readRootKey, readSecret } from '#settings';

/** What nobody else may see. */
export interface Secrets {
  /** Of the role keyhold_worker, password included. */
  databaseUrl: string;
  /** Of the role keyhold_app, as which the worker acts inside one workspace. */
  serviceDatabaseUrl: string;
  /** 32 bytes; the caller erases them. */
  rootKey: Buffer;
  /** The service's own identity in AWS; without it the SDK finds the one of the machine. */
  awsCredentials?: StaticCredentials;
}

export const SECRET_PROPERTIES: ReadonlySet<string> = new Set([
  'databaseUrl',
  'serviceDatabaseUrl',
  'rootKey',
  'rootKeyFile',
  ...AWS_CREDENTIAL_PROPERTIES,
]);

/** The secrets in `given`, by property, and a sentence for everything that is wrong with them. */
export function readSecrets(given: Given): { secrets: Secrets | undefined; problems: string[] } {
  const problems: string[] = [];
  const databaseUrl = readSecret(given, problems, databaseUrlReader('databaseUrl', 'keyhold_worker'));
  const serviceDatabaseUrl = readSecret(given, problems, databaseUrlReader('serviceDatabaseUrl', 'keyhold_app'));
  const rootKey = readSecret(given, problems, readRootKey);
  const awsCredentials = readSecret(given, problems, readAwsCredentials);
  if (!databaseUrl || !serviceDatabaseUrl || !rootKey) return { secrets: undefined, problems };
  return { secrets: Object.freeze({ databaseUrl, serviceDatabaseUrl, rootKey, ...(awsCredentials && { awsCredentials }) }), problems };
}
