import type { MailSettings } from '#alerts';
import type { StaticCredentials } from '#aws';
import { AWS_CREDENTIAL_PROPERTIES, type Given, databaseUrlReader, readAwsCredentials, readRootKey, readSecret } from '#settings';
import { MAIL_PROPERTIES, mailReader } from './mail.js';

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
  /** The URL has a password in it. Without it nobody gets mail. */
  mail?: MailSettings;
}

export const SECRET_PROPERTIES: ReadonlySet<string> = new Set([
  'databaseUrl',
  'serviceDatabaseUrl',
  'rootKey',
  'rootKeyFile',
  ...AWS_CREDENTIAL_PROPERTIES,
  ...MAIL_PROPERTIES,
]);

/** The secrets in `given`, by property, and a sentence for everything that is wrong with them. */
export function readSecrets(given: Given, isProduction: boolean): { secrets: Secrets | undefined; problems: string[] } {
  const problems: string[] = [];
  const databaseUrl = readSecret(given, problems, databaseUrlReader('databaseUrl', 'keyhold_worker'));
  const serviceDatabaseUrl = readSecret(given, problems, databaseUrlReader('serviceDatabaseUrl', 'keyhold_app'));
  const rootKey = readSecret(given, problems, readRootKey);
  const awsCredentials = readSecret(given, problems, readAwsCredentials);
  const mail = readSecret(given, problems, mailReader(isProduction));
  if (!databaseUrl || !serviceDatabaseUrl || !rootKey) return { secrets: undefined, problems };
  const optional = { ...(awsCredentials && { awsCredentials }), ...(mail && { mail }) };
  return { secrets: Object.freeze({ databaseUrl, serviceDatabaseUrl, rootKey, ...optional }), problems };
}
