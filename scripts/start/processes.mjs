import { prepareDatabase } from '../database.mjs';
import { endLeftOverServer, startPostgres } from '../pg.mjs';
import { portsThatMakeWay, refuseTakenPorts } from './ports.mjs';
import { databasePasswordOf, databasePasswordsOf } from './service-environment.mjs';

const POSTGRES_FOLDER = 'postgres';

/**
 * What a run consists of.
 * @typedef {object} Run
 * @property {import('./settings.mjs').Settings} settings
 * @property {import('./data-folder.mjs').DataFolder} folder
 * @property {import('./services.mjs').Services} services
 * @property {import('./progress.mjs').Progress} progress
 */

/** Refuses before anything is started. @param {Run} run */
export async function refusePortsInUse({ settings: { ports, metricsPorts, adminUrl }, folder }) {
  if (!adminUrl) await endLeftOverServer(folder.file(POSTGRES_FOLDER));
  const needed = adminUrl ? [ports.api, ports.sandbox] : [ports.api, ports.sandbox, ports.postgres];
  await refuseTakenPorts([...needed, ...Object.values(metricsPorts).filter(({ isAskedFor }) => isAskedFor)]);
}

/** Where API and worker tell Prometheus. @param {Run} run */
export function metricsPortsOf({ settings: { ports, metricsPorts } }) {
  const spoken = [...Object.values(ports), ...Object.values(metricsPorts).filter(({ isAskedFor }) => isAskedFor)];
  return portsThatMakeWay(
    metricsPorts,
    spoken.map(({ number }) => number),
  );
}

/** A migrated database on the embedded PostgreSQL or on the one given. @param {Run} run */
export async function startDatabase(run) {
  const { folder, progress, services, settings } = run;
  const adminUrl = settings.adminUrl ?? (await startEmbeddedPostgres(run));
  return progress.step(
    'Database',
    async () => {
      const prepared = await prepareDatabase({ adminUrl, passwords: databasePasswordsOf(folder) });
      await services.runNode('migrate', 'dist/apps/api/src/migrate.js', { KEYHOLD_DATABASE_OWNER_URL: prepared.ownerUrl });
      return prepared;
    },
    ({ serverVersion }) => `Database "keyhold" on PostgreSQL ${serverVersion}: roles ready, migrated`,
  );
}

/** @param {Run} run */
async function startEmbeddedPostgres({ folder, progress, services, settings }) {
  const password = databasePasswordOf(folder, 'administrator');
  const port = settings.ports.postgres.number;
  const log = services.newLog('postgres');
  const start = () => startPostgres({ dir: folder.file(POSTGRES_FOLDER), port, password, onLog: (text) => log.write(text) });
  const server = await progress.step('PostgreSQL', start, () => `PostgreSQL on 127.0.0.1:${port}`);
  services.add({ name: 'postgres', child: server.child, log, stop: server.stop });
  return server.url;
}

/** @param {Run} run @param {string} url */
export function startSandbox({ folder, progress, services, settings }, url) {
  const start = async () => {
    services.startNode('sandbox', 'dist/apps/aws-sandbox/src/main.js', {
      KEYHOLD_SANDBOX_PORT: String(settings.ports.sandbox.number),
      KEYHOLD_SANDBOX_DATA_DIR: folder.file('sandbox'),
      KEYHOLD_SANDBOX_KEY_POOL: settings.keyPool,
    });
    await services.answering('sandbox', `${url}/_sandbox/health`);
  };
  return progress.step('AWS sandbox', start, () => `AWS sandbox on ${url}`);
}

/** @param {Run} run @param {string} url @param {Record<string, string>} env */
export function startApi({ progress, services }, url, env) {
  const start = async () => {
    services.startNode('api', 'dist/apps/api/src/main.js', env);
    await services.answering('api', `${url}/health/ready`);
  };
  return progress.step('API', start, () => `API on ${url}`);
}

/** @param {Run} run @param {Record<string, string>} env */
export function startWorker({ progress, services }, env) {
  const start = async () => {
    services.startNode('worker', 'dist/apps/worker/src/main.js', env);
    await services.saying('worker', 'worker ready');
  };
  return progress.step('Worker', start, () => 'Worker');
}
