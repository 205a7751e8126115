import type { StaticCredentials } from '#aws';
import { readRootKey } from './root-key-bytes.js';
import { SecretProblem } from './secret-problem.js';

/** What nobody else may see. Not part of `Config`, so that a configuration can be shown. */
export interface Secrets {
  /** Of the role that owns nothing, password included. */
  databaseUrl: string;
  /** 32 bytes; the caller erases them. */
  rootKey: Buffer;
  /** SHA-256 of the operator's token, 32 bytes. */
  operatorTokenSha256: Buffer;
  /** The service's own identity in AWS; without it the SDK finds the one of the machine. */
  awsCredentials?: StaticCredentials;
}

export const SECRET_PROPERTIES: ReadonlySet<string> = new Set([
  'databaseUrl',
  'rootKey',
  'rootKeyFile',
  'operatorTokenSha256',
  'awsAccessKeyId',
  'awsSecretAccessKey',
]);

/** The secrets in `given`, by property, and a sentence for everything that is wrong with them. */
export function readSecrets(given: Readonly<Record<string, string>>): { secrets: Secrets | undefined; problems: string[] } {
  const problems: string[] = [];
  const read = <Value>(reader: (given: Readonly<Record<string, string>>) => Value): Value | undefined => {
    try {
      return reader(given);
    } catch (error) {
      if (!(error instanceof SecretProblem)) throw error;
      problems.push(error.message);
      return undefined;
    }
  };
  const databaseUrl = read(readDatabaseUrl);
  const rootKey = read(readRootKey);
  const operatorTokenSha256 = read(readOperatorDigest);
  const awsCredentials = read(readAwsCredentials);
  if (!databaseUrl || !rootKey || !operatorTokenSha256) return { secrets: undefined, problems };
  return { secrets: Object.freeze({ databaseUrl, rootKey, operatorTokenSha256, ...(awsCredentials && { awsCredentials }) }), problems };
}

function readDatabaseUrl({ databaseUrl = '' }: Readonly<Record<string, string>>): string {
  if (URL.canParse(databaseUrl) && isPostgresUrl(new URL(databaseUrl))) return databaseUrl;
  throw new SecretProblem('KEYHOLD_DATABASE_URL must be postgres://role:password@host:port/database of the role keyhold_app.');
}

function isPostgresUrl({ protocol, username, password }: URL): boolean {
  return /^postgres(?:ql)?:$/.test(protocol) && isDecodable(username) && isDecodable(password);
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false; // a bare % say, or bytes that are no UTF-8
  }
}

function readOperatorDigest({ operatorTokenSha256 = '' }: Readonly<Record<string, string>>): Buffer {
  if (/^[0-9a-f]{64}$/i.test(operatorTokenSha256)) return Buffer.from(operatorTokenSha256, 'hex');
  throw new SecretProblem("KEYHOLD_OPERATOR_TOKEN_SHA256 must be the SHA-256 of the operator's token, 64 hexadecimal digits.");
}

function readAwsCredentials({ awsAccessKeyId, awsSecretAccessKey }: Readonly<Record<string, string>>): StaticCredentials | undefined {
  if (awsAccessKeyId === undefined && awsSecretAccessKey === undefined) return undefined;
  if (awsAccessKeyId && awsSecretAccessKey) return Object.freeze({ accessKeyId: awsAccessKeyId, secretAccessKey: awsSecretAccessKey });
  throw new SecretProblem('KEYHOLD_AWS_ACCESS_KEY_ID and KEYHOLD_AWS_SECRET_ACCESS_KEY must be set together, or not at all.');
}
