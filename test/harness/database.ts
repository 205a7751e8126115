import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { TEST_PASSWORDS, copyMigrated } from '../../scripts/database-template.mjs';
import { prepareDatabase } from '../../scripts/database.mjs';
import { NEWEST_MIGRATION, migrate } from '#database';

export interface TestDatabase {
  adminUrl: string;
  ownerUrl: string;
  serviceUrl: string;
  workerUrl: string;
  /** Runs one statement as the server's administrator, for whom no policy holds. */
  asAdmin<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  drop(): Promise<void>;
}

/** A database of its own, migrated, on the PostgreSQL of this test run. */
export async function aDatabase(): Promise<TestDatabase> {
  const server = process.env['KEYHOLD_TEST_PG_URL'];
  if (!server) throw new Error('KEYHOLD_TEST_PG_URL is not set: run through Jest, whose global set-up starts a PostgreSQL');
  const database = `keyhold_${randomBytes(8).toString('hex')}`;
  await copyMigrated({ adminUrl: server, newest: NEWEST_MIGRATION, migrate, database });
  const urls = await prepareDatabase({ adminUrl: server, passwords: TEST_PASSWORDS, database });
  const adminUrl = Object.assign(new URL(server), { pathname: `/${database}` }).href;
  const admin = new pg.Client({ connectionString: adminUrl });
  admin.on('error', () => undefined); // the query under way tells
  await admin.connect();
  return {
    adminUrl,
    ...urls,
    asAdmin: async <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => (await admin.query<Row>(text, values)).rows,
    async drop() {
      await admin.end();
      const client = new pg.Client({ connectionString: server });
      await client.connect();
      await client.query(`DROP DATABASE ${database} WITH (FORCE)`);
      await client.end();
    },
  };
}
