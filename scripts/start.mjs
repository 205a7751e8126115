// `npm start`: PostgreSQL, the AWS sandbox, the API and the worker on 127.0.0.1, and a demonstration on them. Settings:
// start/settings.mjs. Everything that lasts is in the data folder; a second start finds it there.
import { DatabaseNotUsable } from './database.mjs';
import { CannotStart } from './start/cannot-start.mjs';
import { customerAccount } from './start/customer-account.mjs';
import { DataFolder } from './start/data-folder.mjs';
import { showDemo } from './start/demo.mjs';
import { ApiRefusal } from './start/keyhold-api.mjs';
import { platformAccount } from './start/platform-account.mjs';
import { metricsPortsOf, refusePortsInUse, startApi, startDatabase, startSandbox, startWorker } from './start/processes.mjs';
import { Progress } from './start/progress.mjs';
import { Quickstart } from './start/quickstart.mjs';
import { RunningFile } from './start/running-file.mjs';
import { apiEnvironment, operatorTokenOf, rootKeyOf, workerEnvironment } from './start/service-environment.mjs';
import { Services } from './start/services.mjs';
import { readSettings } from './start/settings.mjs';
import { welcome } from './start/welcome.mjs';

const EXPLAINED = [CannotStart, DatabaseNotUsable, ApiRefusal];

const progress = new Progress();
const stopAsked = new Promise((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, resolve);
  process.stdout.on('error', resolve); // nobody reads any more
});

try {
  await serveUntilStopped();
} catch (error) {
  console.error(EXPLAINED.some((kind) => error instanceof kind) ? error.message : error);
  process.exit(1);
}
process.exit(0);

async function serveUntilStopped() {
  const settings = readSettings(process.env);
  const folder = new DataFolder(settings.dataDir);
  const running = new RunningFile(folder);
  await running.take();
  const services = new Services(folder.file('logs'), running);
  try {
    const up = bringUp({ settings, folder, services, progress });
    await Promise.race([up, services.death, stopAsked]);
    await Promise.race([services.death, stopAsked]);
    progress.line('\nStopping …');
  } finally {
    progress.end();
    await services.stop();
    running.release();
  }
  progress.line('Stopped.');
}

/** @param {import('./start/processes.mjs').Run} run */
async function bringUp(run) {
  const { folder, settings } = run;
  await refusePortsInUse(run);
  const url = `http://127.0.0.1:${settings.ports.api.number}`;
  const sandboxUrl = `http://127.0.0.1:${settings.ports.sandbox.number}`;
  const operatorToken = operatorTokenOf(folder);

  const [{ serviceUrl, workerUrl }, platform] = await Promise.all([
    startDatabase(run),
    startSandbox(run, sandboxUrl).then(() => platformAccount(folder, sandboxUrl)),
  ]);
  const shared = sharedSettings(run, sandboxUrl);
  const metricsPorts = await metricsPortsOf(run);
  const apiSettings = { ...shared, metricsPort: metricsPorts.api, port: settings.ports.api.number };
  const workerSettings = { ...shared, metricsPort: metricsPorts.worker };
  const apiEnv = apiEnvironment({ settings: apiSettings, operatorToken, databaseUrl: serviceUrl, platform });
  const workerEnv = workerEnvironment({ settings: workerSettings, databaseUrl: workerUrl, serviceDatabaseUrl: serviceUrl, platform });
  const [customer] = await Promise.all([
    customerAccount(folder, sandboxUrl, progress),
    startApi(run, url, apiEnv),
    startWorker(run, workerEnv),
  ]);

  const quickstart = new Quickstart(folder);
  await showDemo({ progress, quickstart, url, sandboxUrl, operatorToken, customer });
  progress.line(welcome({ quickstart, url, sandboxUrl, metricsPorts, logsFolder: folder.shown('logs') }));
}

/** @param {import('./start/processes.mjs').Run} run @param {string} sandboxUrl */
function sharedSettings({ folder, settings: { logLevel } }, sandboxUrl) {
  rootKeyOf(folder);
  return { logLevel, rootKeyFile: folder.file('secrets', 'root-key'), sandboxUrl };
}
