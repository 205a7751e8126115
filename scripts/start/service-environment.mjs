import { createHash, randomBytes } from 'node:crypto';
import { MAIN_REGION, REPLICA_REGION } from './regions.mjs';

const ROOT_KEY_BYTES = 32;
const TOKEN_BYTES = 32;

/** The operator's token, made once. @param {import('./data-folder.mjs').DataFolder} folder */
export function operatorTokenOf(folder) {
  return folder.secret('operator-token', () => `kho_${randomBytes(TOKEN_BYTES).toString('base64url')}`).toString();
}

/**
 * A password for a role of the database, made once.
 * @param {import('./data-folder.mjs').DataFolder} folder
 * @param {'administrator' | 'owner' | 'service' | 'worker'} role
 */
export function databasePasswordOf(folder, role) {
  return folder.secret(`database-${role}`, () => randomBytes(TOKEN_BYTES).toString('base64url')).toString();
}

/** Of the three roles that Keyhold has for itself. @param {import('./data-folder.mjs').DataFolder} folder */
export function databasePasswordsOf(folder) {
  return {
    owner: databasePasswordOf(folder, 'owner'),
    service: databasePasswordOf(folder, 'service'),
    worker: databasePasswordOf(folder, 'worker'),
  };
}

/** The service's root key, made once. @param {import('./data-folder.mjs').DataFolder} folder */
export function rootKeyOf(folder) {
  return folder.secret('root-key', () => randomBytes(ROOT_KEY_BYTES));
}

/**
 * What the API reads from its environment.
 * @param {{ settings: { port: number, logLevel: string, rootKeyFile: string, sandboxUrl: string }, operatorToken: string,
 *   databaseUrl: string, platform: import('./platform-account.mjs').PlatformAccount }} facts `databaseUrl` is of the service's role
 */
export function apiEnvironment({ settings, operatorToken, databaseUrl, platform }) {
  return {
    ...workerEnvironment({ databaseUrl, logLevel: settings.logLevel }),
    KEYHOLD_PORT: String(settings.port),
    KEYHOLD_ROOT_KEY_FILE: settings.rootKeyFile,
    KEYHOLD_OPERATOR_TOKEN_SHA256: createHash('sha256').update(operatorToken).digest('hex'),
    KEYHOLD_AWS_PRINCIPAL_ARN: platform.roleArn,
    KEYHOLD_AWS_PRINCIPAL_MODE: 'assume',
    KEYHOLD_AWS_ENDPOINT: settings.sandboxUrl,
    KEYHOLD_AWS_ACCESS_KEY_ID: platform.user.accessKeyId,
    KEYHOLD_AWS_SECRET_ACCESS_KEY: platform.user.secretAccessKey,
    KEYHOLD_MAIN_REGION: MAIN_REGION,
    KEYHOLD_REPLICA_REGION: REPLICA_REGION,
  };
}

/**
 * What the worker reads from its environment: it needs no key and no identity in AWS, and gets none.
 * @param {{ databaseUrl: string, logLevel: string }} facts `databaseUrl` is of the worker's role
 */
export function workerEnvironment({ databaseUrl, logLevel }) {
  return { NODE_ENV: 'development', KEYHOLD_LOG_LEVEL: logLevel, KEYHOLD_DATABASE_URL: databaseUrl };
}
