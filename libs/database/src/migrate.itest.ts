import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { prepareDatabase } from '../../../scripts/database.mjs';
import { migrate } from './migrate.js';
import { FirstTables1763000000000 } from './migrations/1763000000000-first-tables.js';

const database = `keyhold_${randomBytes(8).toString('hex')}`;
let admin: pg.Client;
let ownerUrl: string;

beforeAll(async () => {
  const adminUrl = process.env['KEYHOLD_TEST_PG_URL'] ?? '';
  const passwords = { owner: 'keyhold-owner', service: 'keyhold-app', worker: 'keyhold-worker' };
  ({ ownerUrl } = await prepareDatabase({ adminUrl, passwords, database }));
  admin = new pg.Client({ connectionString: Object.assign(new URL(adminUrl), { pathname: `/${database}` }).href });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  const server = new pg.Client({ connectionString: process.env['KEYHOLD_TEST_PG_URL'] });
  await server.connect();
  await server.query(`DROP DATABASE ${database} WITH (FORCE)`);
  await server.end();
});

test('items of a database that knew no boxes come into a box of their own workspace, and nothing sealed is touched', async () => {
  await firstVersion();
  const workspaces = [randomUUID(), randomUUID()];
  for (const workspace of workspaces) await aWorkspaceWithAnItem(workspace);
  const sealed = () =>
    admin.query<{ md5: string }>('SELECT md5(string_agg(v::text, $$ $$ ORDER BY v::text)) FROM item_versions v').then(({ rows }) => rows);
  const before = await sealed();
  expect(await migrate(ownerUrl)).not.toEqual([]);
  const { rows } = await admin.query(`SELECT i.workspace_id, b.name, b.box_id = w.default_box_id AS is_default FROM items i
    JOIN boxes b USING (workspace_id, box_id) JOIN workspaces w USING (workspace_id)`);
  expect(rows).toHaveLength(2);
  for (const workspace_id of workspaces) expect(rows).toContainEqual({ workspace_id, name: 'General', is_default: true });
  expect(await sealed()).toEqual(before);
  expect(await migrate(ownerUrl)).toEqual([]);
});

async function firstVersion(): Promise<void> {
  const source = new DataSource({ type: 'postgres', url: ownerUrl, migrations: [FirstTables1763000000000], installExtensions: false });
  await source.initialize();
  await source.runMigrations();
  await source.destroy();
}

async function aWorkspaceWithAnItem(workspace: string): Promise<void> {
  const [vault, key, dataKey, item] = Array.from({ length: 4 }, () => randomUUID());
  await admin.query(`
    WITH w AS (INSERT INTO workspaces (workspace_id, name, default_vault_id) VALUES ('${workspace}', 'w', '${vault}')),
      v AS (INSERT INTO vaults (workspace_id, vault_id, name, strategy, active_vault_key_id) VALUES ('${workspace}', '${vault}', 'v', 'default', '${key}')),
      k AS (INSERT INTO vault_keys (workspace_id, vault_id, vault_key_id, strategy, config, mac) VALUES ('${workspace}', '${vault}', '${key}', 'default', '{}', sha256('x'))),
      d AS (INSERT INTO data_keys (workspace_id, vault_id, data_key_id, vault_key_id, wrapped, mac) VALUES ('${workspace}', '${vault}', '${dataKey}', '${key}', sha256('x'), sha256('x'))),
      i AS (INSERT INTO items (workspace_id, item_id, vault_id, kind, name, current_version) VALUES ('${workspace}', '${item}', '${vault}', 'secret', 'n', 1))
    INSERT INTO item_versions (workspace_id, item_id, version, vault_id, data_key_id, salt, iv, ciphertext, tag, commitment)
    VALUES ('${workspace}', '${item}', 1, '${vault}', '${dataKey}', 's', 'i', 'c', 't', 'k')`);
}
