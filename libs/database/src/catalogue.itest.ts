import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type TestDatabase, aDatabase } from '../../../test/harness/database.js';

/** Tables that belong to no workspace, each with its reason. */
const OF_NO_WORKSPACE = {
  data_key_purge_orders: 'ids only: what a process, which works for all workspaces, still has to drop',
  key_claims: 'HMACs only: one customer key protects one workspace, which no table of a workspace could say',
  migrations: 'what ran here',
  nodes: 'processes that are alive',
  request_buckets: 'HMACs only: what a workspace has used of its rates',
  try_counters: 'HMACs only: who tries to sign in may be nobody',
};
/** Functions that run with their owner's rights: the service's way to the queue. */
const SECURITY_DEFINERS = ['enqueue_task'];

const TABLES = `SELECT c.oid, c.relname AS name, c.relrowsecurity AS rls, c.relforcerowsecurity AS forced,
    EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'workspace_id' AND attnotnull) AS of_workspace
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') ORDER BY 2`;

const KEYS = `SELECT c.relname AS table, k.conname AS name, k.contype AS kind,
    (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = k.conkey[1]) AS first_column,
    (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = k.confrelid AND a.attnum = k.confkey[1]) AS first_target
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'public' AND k.contype IN ('p', 'u', 'f')`;

const UNIQUE_INDEXES = `SELECT c.relname AS table, i.relname AS name,
    (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = x.indrelid AND a.attnum = x.indkey[0]) AS first_column
  FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND x.indisunique`;

interface Table {
  name: string;
  rls: boolean;
  forced: boolean;
  of_workspace: boolean;
}

/** What a finding of the catalogue is called; none may be found. */
async function findings(database: TestDatabase): Promise<string[]> {
  const tables = await database.asAdmin<Table>(TABLES);
  const tenant = tables.filter(({ name }) => !(name in OF_NO_WORKSPACE));
  const names = new Set(tenant.map(({ name }) => name));
  const keys = await database.asAdmin<{ table: string; name: string; kind: string; first_column: string; first_target: string | null }>(
    KEYS,
  );
  const indexes = await database.asAdmin<{ table: string; name: string; first_column: string | null }>(UNIQUE_INDEXES);
  const policies = await database.asAdmin<{
    tablename: string;
    policyname: string;
    cmd: string;
    qual: string | null;
    with_check: string | null;
  }>(`SELECT tablename, policyname, cmd, qual, with_check FROM pg_policies WHERE schemaname = 'public' AND 'keyhold_app' = ANY (roles)`);
  const truncates = await database.asAdmin<{ table_name: string }>(
    `SELECT table_name FROM information_schema.role_table_grants WHERE grantee IN ('keyhold_app', 'keyhold_worker', 'PUBLIC') AND privilege_type IN ('TRUNCATE', 'TRIGGER', 'REFERENCES') AND table_schema = 'public'`,
  );
  const views = await database.asAdmin<{ relname: string }>(
    `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'public' AND c.relkind IN ('v', 'm') AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false)`,
  );
  const definers = await database.asAdmin<{ proname: string }>(
    `SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public' AND prosecdef`,
  );
  const appendOnly = await database.asAdmin<{ privilege: string }>(
    `SELECT privilege_type AS privilege FROM information_schema.role_table_grants WHERE table_name = 'audit_events' AND grantee = 'keyhold_app'
     UNION SELECT privilege_type FROM information_schema.role_column_grants WHERE table_name = 'audit_events' AND grantee = 'keyhold_app'`,
  );
  const ownWorkspace = /^\(workspace_id = \(NULLIF\(current_setting\('keyhold\.workspace_id'::text, true\), ''::text\)\)::uuid\)$/;
  return [
    ...tenant.filter((t) => !t.of_workspace).map((t) => `${t.name} has no workspace_id that must be given`),
    ...tenant.filter((t) => !t.rls).map((t) => `${t.name} has no row-level security`),
    ...tenant.filter((t) => !t.forced).map((t) => `${t.name} does not force row-level security on its owner`),
    ...tenant.filter((t) => !policies.some((p) => p.tablename === t.name)).map((t) => `${t.name} has no policy for the service`),
    ...policies
      .filter((p) => names.has(p.tablename))
      .filter((p) => p.cmd !== 'ALL' || !ownWorkspace.test(p.qual ?? '') || !ownWorkspace.test(p.with_check ?? ''))
      .map((p) => `${p.tablename}.${p.policyname} does not compare the workspace in USING and WITH CHECK`),
    ...keys
      .filter((k) => names.has(k.table) && k.first_column !== 'workspace_id')
      .map((k) => `${k.table}.${k.name} does not start with workspace_id`),
    ...keys
      .filter((k) => k.kind === 'f' && k.first_target !== 'workspace_id')
      .map((k) => `${k.table}.${k.name} points at a row without its workspace`),
    ...indexes
      .filter((i) => names.has(i.table) && i.first_column !== 'workspace_id')
      .map((i) => `${i.table}.${i.name} is unique across workspaces`),
    ...truncates.map((t) => `${t.table_name} can be truncated or hooked by a role that does not own it`),
    ...views.map((v) => `${v.relname} is a view with its owner's rights`),
    ...definers.filter((f) => !SECURITY_DEFINERS.includes(f.proname)).map((f) => `${f.proname} runs with its owner's rights`),
    ...appendOnly.filter((g) => !['SELECT', 'INSERT'].includes(g.privilege)).map((g) => `audit_events can be changed: ${g.privilege}`),
  ];
}

describe('the catalogue of the database', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await aDatabase();
  });
  afterAll(() => database.drop());

  test('keeps every tenant table behind forced row-level security, with the workspace first in every key', async () => {
    expect(await findings(database)).toEqual([]);
  });

  test('notices each kind of table that breaks the rules', async () => {
    await database.asAdmin(`CREATE TABLE loose (id uuid PRIMARY KEY)`);
    await database.asAdmin(`CREATE TABLE leaky (workspace_id uuid NOT NULL, id uuid PRIMARY KEY, item_id uuid UNIQUE)`);
    await database.asAdmin(`ALTER TABLE leaky ENABLE ROW LEVEL SECURITY`);
    await database.asAdmin(`CREATE POLICY open ON leaky TO keyhold_app USING (true)`);
    await database.asAdmin(`CREATE VIEW all_items AS SELECT * FROM items`);
    await database.asAdmin(`GRANT TRUNCATE ON leaky TO keyhold_app`);
    await database.asAdmin(`GRANT UPDATE (details) ON audit_events TO keyhold_app`);
    await database.asAdmin(`CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM items'`);
    expect((await findings(database)).sort()).toEqual(
      [
        "all_items is a view with its owner's rights",
        'audit_events can be changed: UPDATE',
        'leaky can be truncated or hooked by a role that does not own it',
        'leaky does not force row-level security on its owner',
        'leaky.leaky_item_id_key does not start with workspace_id',
        'leaky.leaky_item_id_key is unique across workspaces',
        'leaky.leaky_pkey does not start with workspace_id',
        'leaky.leaky_pkey is unique across workspaces',
        'leaky.open does not compare the workspace in USING and WITH CHECK',
        'loose has no policy for the service',
        'loose has no row-level security',
        'loose does not force row-level security on its owner',
        'loose has no workspace_id that must be given',
        'loose.loose_pkey does not start with workspace_id',
        'loose.loose_pkey is unique across workspaces',
        "peek runs with its owner's rights",
      ].sort(),
    );
  });

  test('gives the service and the worker roles that own nothing and bypass nothing', async () => {
    const roles = await database.asAdmin(
      `SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb AS powerful,
         EXISTS (SELECT FROM pg_class WHERE relowner = r.oid) AS owns, has_schema_privilege(r.oid, 'public', 'CREATE') AS creates
       FROM pg_roles r WHERE rolname IN ('keyhold_app', 'keyhold_worker') ORDER BY 1`,
    );
    const nothing = { powerful: false, owns: false, creates: false };
    expect(roles).toEqual([
      { rolname: 'keyhold_app', ...nothing },
      { rolname: 'keyhold_worker', ...nothing },
    ]);
  });
});
