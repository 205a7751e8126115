import type { TestDatabase } from '../harness/database.js';

/** Every table that holds rows of workspaces, as the database itself knows them. */
export async function tenantTables(database: TestDatabase): Promise<string[]> {
  const rows = await database.asAdmin<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id'
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

/** Change whenever somebody is seen, whoever it is and whatever they get; a key that is used is asked sooner how it is. */
const SEEN = ['last_used_at', 'last_seen_at', 'next_probe_at'];

/** A fingerprint of every row that a workspace has, by table; `SEEN` columns count only where that is asked for. */
export async function rowsOf(
  database: Pick<TestDatabase, 'asAdmin'>,
  tables: readonly string[],
  workspaceId: string,
  { alsoSeen = false } = {},
): Promise<Record<string, string>> {
  const columns = tables.map(
    (table) => `(SELECT md5(coalesce(string_agg(r, ' ' ORDER BY r), ''))
      FROM (SELECT (to_jsonb(t) - $2::text[])::text AS r FROM ${table} t WHERE workspace_id = $1) rows) AS ${table}`,
  );
  const [row] = await database.asAdmin<Record<string, string>>(`SELECT ${columns.join(', ')}`, [workspaceId, alsoSeen ? [] : SEEN]);
  return row ?? {};
}
