// Runs before the services of docker-compose.yml: makes roles, database, Keyhold's account in the sandbox and the
// services' secrets, and gives each service a folder with its own settings and no other's.
import { readFileSync } from 'node:fs';
import { prepareDatabase } from '../database.mjs';
import { DataFolder } from '../start/data-folder.mjs';
import { platformAccount } from '../start/platform-account.mjs';
import { apiEnvironment, databasePasswordsOf, operatorTokenOf, rootKeyOf, workerEnvironment } from '../start/service-environment.mjs';
import { API_PORT, METRICS_PORTS, POSTGRES_PASSWORD_FILE, SANDBOX_URL, STATE, settingsFolderOf } from './places.mjs';

const LOG_LEVEL = 'info';

const state = new DataFolder(STATE);
const adminUrl = new URL('postgres://postgres@postgres:5432/postgres');
adminUrl.password = readFileSync(POSTGRES_PASSWORD_FILE, 'utf8').trim();

const databaseUrls = await prepareDatabase({ adminUrl: adminUrl.href, passwords: databasePasswordsOf(state) });
const platform = await platformAccount(state, SANDBOX_URL);
giveSettings('migrate', { KEYHOLD_DATABASE_OWNER_URL: databaseUrls.ownerUrl });
giveApiSettings(databaseUrls);
giveWorkerSettings(databaseUrls);

function giveApiSettings({ serviceUrl: databaseUrl }) {
  const settings = { ...settingsOf('api'), port: API_PORT };
  const folder = giveSettings('api', apiEnvironment({ settings, operatorToken: operatorTokenOf(state), databaseUrl, platform }));
  folder.write('root-key', rootKeyOf(state));
}

function giveWorkerSettings({ workerUrl: databaseUrl, serviceUrl: serviceDatabaseUrl }) {
  const folder = giveSettings('worker', workerEnvironment({ settings: settingsOf('worker'), databaseUrl, serviceDatabaseUrl, platform }));
  folder.write('root-key', rootKeyOf(state));
}

function settingsOf(service) {
  const rootKeyFile = `${settingsFolderOf(service)}/root-key`;
  return { logLevel: LOG_LEVEL, rootKeyFile, sandboxUrl: SANDBOX_URL, metricsPort: METRICS_PORTS[service] };
}

function giveSettings(service, environment) {
  const folder = new DataFolder(settingsFolderOf(service));
  const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}\n`);
  folder.write('env', lines.join(''));
  return folder;
}
