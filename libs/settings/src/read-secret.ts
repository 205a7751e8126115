import type { StaticCredentials } from '#aws';
import type { Given } from './given.js';
import { SecretProblem } from './secret-problem.js';
import { variableOf } from './variables.js';

/** What `reader` reads, or undefined and its sentence among `problems`. */
export function readSecret<Value>(given: Given, problems: string[], reader: (given: Given) => Value): Value | undefined {
  try {
    return reader(given);
  } catch (error) {
    if (!(error instanceof SecretProblem)) throw error;
    problems.push(error.message);
    return undefined;
  }
}

/** Reads the URL of the database as one role, password included. The reader throws SecretProblem. */
export function databaseUrlReader(property: string, role: string): (given: Given) => string {
  return ({ [property]: url = '' }) => {
    if (URL.canParse(url) && isPostgresUrl(new URL(url))) return url;
    throw new SecretProblem(`${variableOf(property)} must be postgres://role:password@host:port/database of the role ${role}.`);
  };
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

/** Properties of the service's own identity in AWS. */
export const AWS_CREDENTIAL_PROPERTIES = ['awsAccessKeyId', 'awsSecretAccessKey'] as const;

/** The service's own identity in AWS; without it the SDK finds the one of the machine. Throws SecretProblem. */
export function readAwsCredentials({ awsAccessKeyId, awsSecretAccessKey }: Given): StaticCredentials | undefined {
  if (awsAccessKeyId === undefined && awsSecretAccessKey === undefined) return undefined;
  if (awsAccessKeyId && awsSecretAccessKey) return Object.freeze({ accessKeyId: awsAccessKeyId, secretAccessKey: awsSecretAccessKey });
  throw new SecretProblem('KEYHOLD_AWS_ACCESS_KEY_ID and KEYHOLD_AWS_SECRET_ACCESS_KEY must be set together, or not at all.');
}
