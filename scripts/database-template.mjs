// Databases for tests: migrations run once on a server, and every database is a copy of what they made.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { ROLES, prepareDatabase } from './database.mjs';

/** The passwords of a run's throw-away server: its roles are shared by all databases on it. */
export const TEST_PASSWORDS = { owner: 'keyhold-owner', service: 'keyhold-app', worker: 'keyhold-worker' };

const ADVISORY_LOCK = 8_420_002;

/**
 * Makes `database` a migrated one, unless `database` is left out: then the template alone is made, for those who come.
 * @param {{ adminUrl: string, newest: string, migrate: (ownerUrl: string) => Promise<unknown>, database?: string }} order
 *   `newest` names what `migrate` migrates to: another version has another template
 */
export async function copyMigrated({ adminUrl, newest, migrate, database }) {
  const template = `keyhold_template_${newest.toLowerCase()}`;
  await asAdministrator(adminUrl, async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]); // ends with the connection
    if ((await client.query('SELECT FROM pg_database WHERE datname = $1', [template])).rowCount === 0) {
      // under another name until it is whole
      const unfinished = `keyhold_unfinished_${randomBytes(4).toString('hex')}`;
      await migrate((await prepareDatabase({ adminUrl, passwords: TEST_PASSWORDS, database: unfinished })).ownerUrl);
      await client.query(`ALTER DATABASE ${unfinished} RENAME TO ${template}`);
    }
    if (database) await client.query(`CREATE DATABASE ${database} OWNER ${ROLES.owner} TEMPLATE ${template}`);
  });
}

/** @param {string} url @param {(client: pg.Client) => Promise<void>} work */
async function asAdministrator(url, work) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
