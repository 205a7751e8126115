import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { ROLES, prepareDatabase } from './database.mjs';
import { startPostgres } from './pg.mjs';

const PASSWORDS = { owner: 'owner-password', service: 'service-password', worker: 'worker-password' };

let server: Awaited<ReturnType<typeof startPostgres>>;

beforeAll(async () => {
  server = await startPostgres({ settings: { log_statement: 'all' } });
});
afterEach(async () => {
  await ask('DROP DATABASE IF EXISTS keyhold WITH (FORCE)');
  await ask(`DROP ROLE IF EXISTS ${[...Object.values(ROLES), 'administrator', 'stranger'].join(', ')}`);
});
afterAll(() => server.stop());

const prepare = (options: { adminUrl?: string; passwords?: typeof PASSWORDS; database?: string } = {}) =>
  prepareDatabase({ adminUrl: server.url, passwords: PASSWORDS, ...options });

async function ask<Row extends pg.QueryResultRow>(sql: string, url = server.url): Promise<Row[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('a prepared database', () => {
  test('has three login roles without special rights, of which only the owner owns anything', async () => {
    await prepare();
    const roles = await ask(`SELECT rolname, rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole OR rolreplication AS special,
      ARRAY(SELECT datname::text FROM pg_database WHERE datdba = pg_roles.oid) AS owns FROM pg_roles WHERE rolname LIKE 'keyhold%' ORDER BY 1`);
    expect(roles).toEqual([
      { rolname: 'keyhold_app', special: false, owns: [] },
      { rolname: 'keyhold_owner', special: false, owns: ['keyhold'] },
      { rolname: 'keyhold_worker', special: false, owns: [] },
    ]);
  });

  test('lets the owner make tables and the service none', async () => {
    const { ownerUrl, serviceUrl, workerUrl } = await prepare();
    await ask('CREATE TABLE made (id int)', ownerUrl);
    await expect(ask('CREATE TABLE other (id int)', serviceUrl)).rejects.toThrow('permission denied for schema public');
    await expect(ask('CREATE TEMPORARY TABLE other (id int)', workerUrl)).rejects.toThrow('permission denied to create temporary tables');
  });

  test('lets no other role in', async () => {
    await prepare();
    await ask(`CREATE ROLE stranger LOGIN PASSWORD 'stranger'`);
    const url = new URL(server.url);
    [url.username, url.password, url.pathname] = ['stranger', 'stranger', '/keyhold'];
    await expect(ask('SELECT 1', url.href)).rejects.toThrow('permission denied for database "keyhold"');
  });

  test('is found again as it was', async () => {
    const first = await prepare();
    await ask('CREATE TABLE kept (id int)', first.ownerUrl);
    expect(await prepare()).toEqual(first);
    expect(await ask('SELECT count(*)::int AS rows FROM kept', first.ownerUrl)).toEqual([{ rows: 0 }]);
  });

  test('comes of several preparations at once', async () => {
    const all = await Promise.all([prepare(), prepare(), prepare()]);
    expect(new Set(all.map(({ ownerUrl }) => ownerUrl)).size).toBe(1);
  });

  test('can be made by an administrator who is no superuser', async () => {
    await ask(`CREATE ROLE administrator LOGIN CREATEROLE CREATEDB PASSWORD 'administrator'`);
    const { ownerUrl } = await prepare({ adminUrl: server.url.replace('postgres:postgres@', 'administrator:administrator@') });
    expect(await ask('SELECT current_user AS name', ownerUrl)).toEqual([{ name: ROLES.owner }]);
  });

  test('leaves no password in the log of a server that logs every statement', async () => {
    await prepare();
    expect(server.log()).toContain('CREATE ROLE "keyhold_app"');
    expect(server.log()).not.toMatch(/(?:owner|service|worker)-password/);
  });
});

describe('preparing a database refuses', () => {
  test('roles that another data folder made, and leaves their passwords alone', async () => {
    const { workerUrl } = await prepare();
    await expect(prepare({ passwords: { ...PASSWORDS, worker: 'another' } })).rejects.toThrow(
      'The role keyhold_worker exists at 127.0.0.1:' + String(server.port) + ' with a password that this data folder does not hold',
    );
    expect(await ask('SELECT 1 AS one', workerUrl)).toEqual([{ one: 1 }]);
  });

  test('a database that belongs to somebody else', async () => {
    await expect(prepare({ database: 'postgres' })).rejects.toThrow('The database postgres belongs to the role postgres');
  });

  test('a service role for which row-level security does not hold', async () => {
    await prepare();
    await ask('ALTER ROLE keyhold_app BYPASSRLS');
    await expect(prepare()).rejects.toThrow('The role keyhold_app is a superuser or bypasses row-level security');
  });

  test('a wrong administrator password in one sentence that does not repeat it', async () => {
    const refused = prepare({ adminUrl: server.url.replace('postgres:postgres@', 'postgres:hunter2@') });
    await expect(refused).rejects.toThrow(/^PostgreSQL at 127\.0\.0\.1:\d+ cannot be used as postgres: (?!.*hunter2)/);
  });
});
