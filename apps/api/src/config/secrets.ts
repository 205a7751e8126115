import type { StaticCredentials } from '#aws';
import {
  AWS_CREDENTIAL_PROPERTIES,
  type Given,
  SecretProblem,
  databaseUrlReader,
  readAwsCredentials,
  readRootKey,
  readSecret,
} from '#settings';

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
  ...AWS_CREDENTIAL_PROPERTIES,
]);

/** The secrets in `given`, by property, and a sentence for everything that is wrong with them. */
export function readSecrets(given: Given): { secrets: Secrets | undefined; problems: string[] } {
  const problems: string[] = [];
  const databaseUrl = readSecret(given, problems, databaseUrlReader('databaseUrl', 'keyhold_app'));
  const rootKey = readSecret(given, problems, readRootKey);
  const operatorTokenSha256 = readSecret(given, problems, readOperatorDigest);
  const awsCredentials = readSecret(given, problems, readAwsCredentials);
  if (!databaseUrl || !rootKey || !operatorTokenSha256) return { secrets: undefined, problems };
  return { secrets: Object.freeze({ databaseUrl, rootKey, operatorTokenSha256, ...(awsCredentials && { awsCredentials }) }), problems };
}

function readOperatorDigest({ operatorTokenSha256 = '' }: Given): Buffer {
  if (/^[0-9a-f]{64}$/i.test(operatorTokenSha256)) return Buffer.from(operatorTokenSha256, 'hex');
  throw new SecretProblem("KEYHOLD_OPERATOR_TOKEN_SHA256 must be the SHA-256 of the operator's token, 64 hexadecimal digits.");
}
