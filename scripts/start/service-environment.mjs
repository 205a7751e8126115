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
 * @typedef {{ logLevel: string, rootKeyFile: string, sandboxUrl: string, metricsPort: number }} Settings
 * @typedef {import('./platform-account.mjs').PlatformAccount} PlatformAccount
 */

/**
 * What the API reads from its environment.
 * @param {{ settings: Settings & { port: number }, operatorToken: string, databaseUrl: string, platform: PlatformAccount }} facts
 *   `databaseUrl` is of the service's role
 */
export function apiEnvironment({ settings, operatorToken, databaseUrl, platform }) {
  return {
    ...sharedEnvironment(settings, platform),
    KEYHOLD_DATABASE_URL: databaseUrl,
    KEYHOLD_PORT: String(settings.port),
    KEYHOLD_OPERATOR_TOKEN_SHA256: createHash('sha256').update(operatorToken).digest('hex'),
  };
}

/**
 * What the worker reads from its environment: it does in the background what the API does on request, and needs the same keys.
 * @param {{ settings: Settings, databaseUrl: string, serviceDatabaseUrl: string, platform: PlatformAccount }} facts
 *   `databaseUrl` is of the worker's role, `serviceDatabaseUrl` of the service's
 */
export function workerEnvironment({ settings, databaseUrl, serviceDatabaseUrl, platform }) {
  return {
    ...sharedEnvironment(settings, platform),
    KEYHOLD_DATABASE_URL: databaseUrl,
    KEYHOLD_SERVICE_DATABASE_URL: serviceDatabaseUrl,
  };
}

/** @param {Settings} settings @param {PlatformAccount} platform */
function sharedEnvironment(settings, platform) {
  return {
    NODE_ENV: 'development',
    KEYHOLD_LOG_LEVEL: settings.logLevel,
    KEYHOLD_METRICS_PORT: String(settings.metricsPort),
    KEYHOLD_ROOT_KEY_FILE: settings.rootKeyFile,
    KEYHOLD_AWS_PRINCIPAL_ARN: platform.roleArn,
    KEYHOLD_AWS_PRINCIPAL_MODE: 'assume',
    KEYHOLD_MANAGED_KEY_USER_ROLE_ARN: platform.managedKeys.userRoleArn,
    KEYHOLD_MANAGED_KEY_ADMINISTRATOR_ROLE_ARN: platform.managedKeys.administratorRoleArn,
    KEYHOLD_AWS_ENDPOINT: settings.sandboxUrl,
    KEYHOLD_AWS_ACCESS_KEY_ID: platform.user.accessKeyId,
    KEYHOLD_AWS_SECRET_ACCESS_KEY: platform.user.secretAccessKey,
    KEYHOLD_MAIN_REGION: MAIN_REGION,
    KEYHOLD_REPLICA_REGION: REPLICA_REGION,
  };
}
