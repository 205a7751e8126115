// Makes a running PostgreSQL ready for Keyhold: three login roles without special rights and a database that the first
// of them owns. Leaves roles and a database that exist as they are, and refuses those that are not as they should be.
import pg from 'pg';
import { scramVerifier } from './database/scram-verifier.mjs';

const VERSION_MIN = 15;
const VERSION_MAX = 18;
const ADVISORY_LOCK = 8_420_001;
const ALREADY_EXISTS = new Set(['42710', '42P04', '23505']);
const WRONG_PASSWORD = new Set(['28P01', '28000']);

/** Owner: runs migrations and owns what they make. Service: the API. Worker: background jobs. The last two own nothing. */
export const ROLES = /** @type {const} */ ({ owner: 'keyhold_owner', service: 'keyhold_app', worker: 'keyhold_worker' });

/** What a person can put right; its message is the whole explanation. */
export class DatabaseNotUsable extends Error {
  name = 'DatabaseNotUsable';
}

/**
 * @param {{ adminUrl: string, passwords: { owner: string, service: string, worker: string }, database?: string }} options
 *   `adminUrl` is of a role that may create roles and databases.
 * @returns {Promise<{ serverVersion: string, ownerUrl: string, serviceUrl: string, workerUrl: string }>}
 * @throws {DatabaseNotUsable}
 */
export async function prepareDatabase({ adminUrl, passwords, database = 'keyhold' }) {
  const serverVersion = await withClient(adminUrl, async (client) => {
    const version = await supportedVersion(client);
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]); // ends with the connection
    for (const [part, role] of Object.entries(ROLES)) await ensureRole(client, role, passwords[part]);
    await ensureDatabase(client, database);
    return version;
  });
  const urls = Object.fromEntries(Object.entries(ROLES).map(([part, role]) => [part, urlOf(adminUrl, role, passwords[part], database)]));
  for (const [part, url] of Object.entries(urls)) await refuseUnfitLogin(url, ROLES[part]);
  return { serverVersion, ownerUrl: urls.owner, serviceUrl: urls.service, workerUrl: urls.worker };
}

async function withClient(url, work) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000, application_name: 'keyhold-start' });
  client.on('error', () => undefined); // the query under way rejects with the same error
  await connect(client, url);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function connect(client, url) {
  try {
    await client.connect();
  } catch (cause) {
    throw new DatabaseNotUsable(`PostgreSQL at ${placeOf(url)} cannot be used as ${userOf(url)}: ${cause.message || cause.code}`, {
      cause,
    });
  }
}

async function supportedVersion(client) {
  const { rows } = await client.query(
    `SELECT current_setting('server_version') AS text, current_setting('server_version_num')::int / 10000 AS major`,
  );
  const [{ text, major }] = rows;
  if (major >= VERSION_MIN && major <= VERSION_MAX) return text.split(' ')[0];
  throw new DatabaseNotUsable(`PostgreSQL ${text} is not supported: Keyhold needs version ${VERSION_MIN} to ${VERSION_MAX}.`);
}

async function ensureRole(client, role, password) {
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  if (rowCount > 0) return;
  const rights = 'LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION';
  const verifier = client.escapeLiteral(scramVerifier(password));
  await unlessItExists(client.query(`CREATE ROLE ${client.escapeIdentifier(role)} ${rights} PASSWORD ${verifier}`));
}

async function ensureDatabase(client, database) {
  const { rows } = await client.query('SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = $1', [database]);
  const name = client.escapeIdentifier(database);
  if (rows.length === 0) await createDatabase(client, name);
  else if (rows[0].owner !== ROLES.owner) {
    throw new DatabaseNotUsable(
      `The database ${database} belongs to the role ${rows[0].owner}, not to ${ROLES.owner}: it is not Keyhold's.`,
    );
  }
  await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
  await client.query(`GRANT CONNECT ON DATABASE ${name} TO ${ROLES.service}, ${ROLES.worker}`);
}

async function createDatabase(client, name) {
  await joinOwner(client);
  await unlessItExists(client.query(`CREATE DATABASE ${name} OWNER ${ROLES.owner} TEMPLATE template0 ENCODING 'UTF8'`));
}

/** An administrator that is no superuser (a hosted PostgreSQL) may give a database only to a role it is a member of. */
async function joinOwner(client) {
  const { rows } = await client.query(`SELECT rolsuper FROM pg_roles WHERE rolname = current_user`);
  if (!rows[0].rolsuper) await client.query(`GRANT ${ROLES.owner} TO CURRENT_USER`);
}

async function unlessItExists(query) {
  try {
    await query;
  } catch (error) {
    if (!ALREADY_EXISTS.has(error.code)) throw error;
  }
}

async function refuseUnfitLogin(url, role) {
  const unfit = await withClient(url, async (client) => {
    const { rows } = await client.query('SELECT rolsuper OR rolbypassrls AS unfit FROM pg_roles WHERE rolname = current_user');
    return rows[0].unfit;
  }).catch((error) => {
    throw WRONG_PASSWORD.has(error.cause?.code) ? unknownPassword(url, role) : error;
  });
  if (unfit)
    throw new DatabaseNotUsable(`The role ${role} is a superuser or bypasses row-level security; tenants would not be kept apart.`);
}

function unknownPassword(url, role) {
  return new DatabaseNotUsable(
    `The role ${role} exists at ${placeOf(url)} with a password that this data folder does not hold: the database was made by another one. ` +
      `Use that folder (KEYHOLD_DATA_DIR), another server, or drop the database and the roles ${Object.values(ROLES).join(', ')}.`,
  );
}

function urlOf(adminUrl, role, password, database) {
  const url = new URL(adminUrl);
  url.username = role;
  url.password = password;
  url.pathname = `/${database}`;
  return url.href;
}

const placeOf = (url) => new URL(url).host || 'the local socket';
const userOf = (url) => decodeURIComponent(new URL(url).username) || 'the default user';
