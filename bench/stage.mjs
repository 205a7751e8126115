import pg from 'pg';
import { randomBytes } from 'node:crypto';
import { prepareDatabase } from '../scripts/database.mjs';
import { freePort, startPostgres } from '../scripts/pg.mjs';
import { customerAccount, putCustomerRole } from '../scripts/start/customer-account.mjs';
import { KeyholdApi } from '../scripts/start/keyhold-api.mjs';
import { platformAccount } from '../scripts/start/platform-account.mjs';
import { startSandbox } from '../scripts/start/processes.mjs';
import { apiEnvironment, databasePasswordsOf, operatorTokenOf, rootKeyOf } from '../scripts/start/service-environment.mjs';

const KEY_POOL = 'node_modules/.cache/keyhold/rsa-pool';
const DURABLE = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' };
/** So that one workspace may use all of the machine; the limits themselves are at work, in chunks of a few hundred requests. */
const LIMITS = { KEYHOLD_REQUESTS_PER_SECOND: '5000', KEYHOLD_REQUESTS_BURST: '10000' };
const PAYLOAD_BYTES = 256;
const ITEMS_TO_UNSEAL = 128;

/**
 * @typedef {import('../scripts/start/processes.mjs').Run} Run
 * @typedef {{ path: string, body: string }} Request
 *
 * @typedef {object} Target a server and how to ask it
 * @property {string} url
 * @property {number} pid
 * @property {string | undefined} token
 * @property {Record<'seal' | 'unseal', Request[]>} requests
 *
 * @typedef {object} Stage
 * @property {Target} service
 * @property {Target} bare
 * @property {string} sandboxUrl
 * @property {number} postgresPid
 * @property {(text: string) => Promise<any[]>} ask one statement to the database, as its administrator
 * @property {() => Promise<Target>} anotherService a process of the service that has just started on the same database
 */

/**
 * Everything that takes part: PostgreSQL that keeps what it answered, the AWS sandbox, the service with a customer's vault and
 * items in it, and the bare server on the same tables.
 * @param {Omit<Run, 'settings'>} parts
 * @returns {Promise<Stage>}
 */
export async function setTheStage({ folder, services, progress }) {
  const settings = await settingsOf(folder);
  const run = /** @type {Run} */ ({ folder, services, progress, settings });
  const sandboxUrl = `http://127.0.0.1:${settings.ports.sandbox.number}`;
  const [database] = await Promise.all([startDatabase(run), startSandbox(run, sandboxUrl)]);
  const operatorToken = operatorTokenOf(folder);
  const platform = await platformAccount(folder, sandboxUrl);
  rootKeyOf(folder);

  /** @param {string} name */
  const startService = async (name) => {
    const port = await freePort();
    const own = { port, metricsPort: 0, logLevel: settings.logLevel, rootKeyFile: folder.file('secrets', 'root-key'), sandboxUrl };
    const env = {
      ...apiEnvironment({ settings: own, operatorToken, databaseUrl: database.serviceUrl, platform }),
      ...LIMITS,
    };
    return start(run, { name, file: 'dist/apps/api/src/main.js', env, url: `http://127.0.0.1:${port}`, health: '/health/ready' });
  };
  const service = await startService('service');
  const vault = await customerVault(run, service.url, sandboxUrl, operatorToken);
  const requests = await requestsOf(vault, new KeyholdApi(service.url, vault.token));
  const bare = await startBareServer(run, database, vault);
  return {
    service: { ...service, token: vault.token, requests },
    bare: { ...bare, token: undefined, requests: atBareServer(requests, vault) },
    sandboxUrl,
    postgresPid: database.pid,
    ask: database.ask,
    anotherService: async () => ({ ...(await startService('another-service')), token: vault.token, requests }),
  };
}

/** @param {import('../scripts/start/data-folder.mjs').DataFolder} folder */
async function settingsOf(folder) {
  const sandbox = { variable: 'KEYHOLD_SANDBOX_PORT', number: await freePort() };
  return { ports: { sandbox }, dataDir: folder.path, adminUrl: undefined, keyPool: KEY_POOL, logLevel: 'info' };
}

/** @param {Run} run */
function startDatabase({ folder, services, progress }) {
  return progress.step(
    'PostgreSQL',
    async () => {
      const log = services.newLog('postgres');
      const server = await startPostgres({ settings: DURABLE, onLog: (text) => log.write(text) });
      services.add({ name: 'postgres', child: server.child, log, stop: server.stop });
      const { ownerUrl, serviceUrl, serverVersion } = await prepareDatabase({
        adminUrl: server.url,
        passwords: databasePasswordsOf(folder),
      });
      await services.runNode('migrate', 'dist/apps/api/src/migrate.js', { KEYHOLD_DATABASE_OWNER_URL: ownerUrl });
      const ask = (text) => asAdministrator(new URL(new URL(serviceUrl).pathname, server.url).href, text);
      return { serviceUrl, serverVersion, pid: Number(server.pid), ask };
    },
    ({ serverVersion }) => `PostgreSQL ${serverVersion}, fsync and synchronous_commit on`,
  );
}

/** @param {string} connectionString @param {string} text @returns {Promise<any[]>} */
async function asAdministrator(connectionString, text) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/**
 * @param {Run} run
 * @param {{ name: string, file: string, env: Record<string, string>, url: string, health: string }} process
 */
function start({ services, progress }, { name, file, env, url, health }) {
  return progress.step(
    name,
    async () => {
      const pid = Number(services.startNode(name, file, env));
      await services.answering(name, `${url}${health}`);
      return { url, pid };
    },
    () => `${name} on ${url}`,
  );
}

/**
 * A new workspace with a vault on a key in a customer's account, made as a customer makes it; default settings.
 * @param {Run} run @param {string} url @param {string} sandboxUrl @param {string} operatorToken
 */
async function customerVault({ folder, progress }, url, sandboxUrl, operatorToken) {
  const customer = await customerAccount(folder, sandboxUrl, progress);
  const workspace = await new KeyholdApi(url, operatorToken).post('/v1/workspaces', { name: 'Bench', ownerEmail: 'owner@bench.example' });
  const api = new KeyholdApi(url, workspace.apiKey);
  const path = `/v1/workspaces/${workspace.id}`;
  const { accountId, keyId } = customer;
  const policies = await api.get(`${path}/aws-setup?accountId=${accountId}&keyId=${keyId}`);
  const roleArn = await putCustomerRole(sandboxUrl, customer, policies);
  const { vault } = await api.post(`${path}/vaults`, { name: 'Bench', strategy: 'aws-kms', awsKms: { accountId, keyId, roleArn } });
  return { workspaceId: workspace.id, token: workspace.apiKey, path, id: vault.id };
}

/** @typedef {Awaited<ReturnType<typeof customerVault>>} BenchVault */

/** @param {BenchVault} vault @param {KeyholdApi} api @returns {Promise<Record<'seal' | 'unseal', Request[]>>} */
async function requestsOf({ path, id: vaultId }, api) {
  const item = { kind: 'secret', name: 'A secret of the bench', vaultId, payload: payload() };
  const unseals = [];
  while (unseals.length < ITEMS_TO_UNSEAL) {
    const { id } = await api.post(`${path}/items`, item);
    unseals.push({ path: `${path}/items/${id}/unseal`, body: '{}' });
  }
  return { seal: [{ path: `${path}/items`, body: JSON.stringify(item) }], unseal: unseals };
}

/** Exactly 256 bytes as JSON. */
function payload() {
  const envelope = JSON.stringify({ value: '' }).length;
  return {
    value: randomBytes(PAYLOAD_BYTES)
      .toString('base64url')
      .slice(envelope - PAYLOAD_BYTES),
  };
}

/** @param {Run} run @param {Awaited<ReturnType<typeof startDatabase>>} database @param {BenchVault} vault */
async function startBareServer(run, { ask, serviceUrl }, { workspaceId }) {
  const port = await freePort();
  const [{ data_key_id: dataKeyId }] = await ask('SELECT data_key_id FROM data_keys LIMIT 1');
  const env = {
    BENCH_PORT: String(port),
    BENCH_DATABASE_URL: serviceUrl,
    BENCH_WORKSPACE_ID: workspaceId,
    BENCH_DATA_KEY_ID: dataKeyId,
  };
  return start(run, { name: 'bare-server', file: 'bench/bare-server.mjs', env, url: `http://127.0.0.1:${port}`, health: '/health' });
}

/** The same requests; the bare server knows no workspaces in paths. @param {Record<'seal' | 'unseal', Request[]>} requests @param {BenchVault} vault */
function atBareServer({ seal, unseal }, { path }) {
  const bare = (request) => ({ ...request, path: request.path.slice(path.length) });
  return { seal: seal.map(bare), unseal: unseal.map(bare) };
}
