import { CannotStart } from './cannot-start.mjs';

const PORTS = /** @type {const} */ ({
  api: { variable: 'KEYHOLD_PORT', usual: 8420 },
  sandbox: { variable: 'KEYHOLD_SANDBOX_PORT', usual: 8421 },
  postgres: { variable: 'KEYHOLD_PG_PORT', usual: 8422 },
});
/** Nobody needs to know these two, so a port that nobody asked for makes way where it is taken. */
const METRICS_PORTS = /** @type {const} */ ({
  api: { variable: 'KEYHOLD_METRICS_PORT', usual: 8423 },
  worker: { variable: 'KEYHOLD_WORKER_METRICS_PORT', usual: 8424 },
});
const PORT_MAX = 65_535;

/**
 * The environment of `npm start`, read here and nowhere else.
 * @param {NodeJS.ProcessEnv} env
 */
export function readSettings(env) {
  const ports = readPorts(env);
  const metricsPorts = { api: readMetricsPort(env, 'api'), worker: readMetricsPort(env, 'worker') };
  refuseSamePort([...Object.values(ports), ...Object.values(metricsPorts).filter(({ isAskedFor }) => isAskedFor)]);
  return Object.freeze({
    ports,
    metricsPorts,
    dataDir: env.KEYHOLD_DATA_DIR || '.keyhold',
    adminUrl: readAdminUrl(env.KEYHOLD_DATABASE_URL),
    keyPool: env.KEYHOLD_SANDBOX_KEY_POOL || undefined,
    logLevel: env.KEYHOLD_LOG_LEVEL || 'info',
  });
}

/** @typedef {ReturnType<typeof readSettings>} Settings */

/** @param {NodeJS.ProcessEnv} env */
function readPorts(env) {
  return { api: readPort(env, 'api'), sandbox: readPort(env, 'sandbox'), postgres: readPort(env, 'postgres') };
}

/** @param {NodeJS.ProcessEnv} env @param {keyof typeof PORTS} name */
function readPort(env, name) {
  const { variable, usual } = PORTS[name];
  return portOf(variable, env[variable] || String(usual));
}

/** @typedef {ReturnType<typeof readMetricsPort>} MetricsPort */

/** @param {NodeJS.ProcessEnv} env @param {keyof typeof METRICS_PORTS} name */
function readMetricsPort(env, name) {
  const { variable, usual } = METRICS_PORTS[name];
  return { ...portOf(variable, env[variable] || String(usual)), isAskedFor: Boolean(env[variable]) };
}

/** @param {string} variable @param {string} text */
function portOf(variable, text) {
  const number = Number(text);
  if (/^\d{1,5}$/.test(text) && number >= 1 && number <= PORT_MAX) return { variable, number };
  throw new CannotStart(`${variable} is "${text}"; a port is a number from 1 to ${PORT_MAX}.`);
}

/** @param {{ variable: string, number: number }[]} ports */
function refuseSamePort(ports) {
  const seen = new Map();
  for (const { variable, number } of ports) {
    if (seen.has(number)) throw new CannotStart(`${seen.get(number)} and ${variable} are both ${number}; each needs a port of its own.`);
    seen.set(number, variable);
  }
}

/** @param {string | undefined} text */
function readAdminUrl(text) {
  if (!text) return undefined;
  const protocol = URL.canParse(text) ? new URL(text).protocol : '';
  if (protocol === 'postgres:' || protocol === 'postgresql:') return text;
  throw new CannotStart('KEYHOLD_DATABASE_URL is not a URL of the form postgres://user:password@host:port/database.');
}
