import type { Statement } from '#audit';

const AT_ONCE = 1_000;

/** Under the worker's row policy, which shows what is due and nobody works on. Those that wait longest come first. */
const DUE: Statement = {
  name: 'managed-keys-due',
  text: `SELECT workspace_id FROM managed_keys GROUP BY workspace_id ORDER BY min(due_at) LIMIT ${AT_ONCE}`,
};

/** The door that sees what is due in all workspaces. */
interface DueKeys {
  ask<Row extends Record<string, unknown>>(statement: Statement): Promise<Row[]>;
}

/** Those in which `SettleManagedKeys` has something to do. */
export async function workspacesWithDueKeys(keys: DueKeys): Promise<string[]> {
  return (await keys.ask<{ workspace_id: string }>(DUE)).map((row) => row.workspace_id);
}
