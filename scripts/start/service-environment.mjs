import { createHash, randomBytes } from 'node:crypto';
import { MAIN_REGION, REPLICA_REGION } from './aws-clients.mjs';

const ROOT_KEY_BYTES = 32;
const TOKEN_BYTES = 32;

/** The operator's token, made once. @param {import('./data-folder.mjs').DataFolder} folder */
export function operatorTokenOf(folder) {
  return folder.secret('operator-token', () => `kho_${randomBytes(TOKEN_BYTES).toString('base64url')}`).toString();
}

/** A password for PostgreSQL, made once. @param {import('./data-folder.mjs').DataFolder} folder @param {string} name */
export function databasePasswordOf(folder, name) {
  return folder.secret(name, () => randomBytes(TOKEN_BYTES).toString('base64url')).toString();
}

/**
 * What the API and the worker read from their environment, all but their database.
 * @param {import('./settings.mjs').Settings} settings
 * @param {import('./data-folder.mjs').DataFolder} folder
 * @param {import('./platform-account.mjs').PlatformAccount} platform
 * @param {string} sandboxUrl
 */
export function serviceEnvironment(settings, folder, platform, sandboxUrl) {
  folder.secret('root-key', () => randomBytes(ROOT_KEY_BYTES));
  return {
    NODE_ENV: 'development',
    KEYHOLD_PORT: String(settings.ports.api.number),
    KEYHOLD_LOG_LEVEL: settings.logLevel,
    KEYHOLD_ROOT_KEY_FILE: folder.file('secrets', 'root-key'),
    KEYHOLD_OPERATOR_TOKEN_SHA256: createHash('sha256').update(operatorTokenOf(folder)).digest('hex'),
    KEYHOLD_AWS_PRINCIPAL_ARN: platform.roleArn,
    KEYHOLD_AWS_PRINCIPAL_MODE: 'assume',
    KEYHOLD_AWS_ENDPOINT: sandboxUrl,
    KEYHOLD_AWS_ACCESS_KEY_ID: platform.user.accessKeyId,
    KEYHOLD_AWS_SECRET_ACCESS_KEY: platform.user.secretAccessKey,
    KEYHOLD_MAIN_REGION: MAIN_REGION,
    KEYHOLD_REPLICA_REGION: REPLICA_REGION,
  };
}
