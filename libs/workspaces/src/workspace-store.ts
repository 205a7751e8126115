import type { Queries, Statement } from '#audit';

const INSERT: Statement = {
  name: 'workspace-insert',
  text: `INSERT INTO workspaces (workspace_id, name, default_vault_id, default_box_id) VALUES ($1, $2, $3, $4) RETURNING created_at`,
};

const FIND_NAME: Statement = { name: 'workspace-find-name', text: 'SELECT name FROM workspaces WHERE workspace_id = $1' };

/** Weaker than FOR UPDATE: that one waits for every insert of the workspace, and two that have inserted would wait for each other. */
const LOCK_DEFAULT_VAULT: Statement = {
  name: 'workspace-lock-default-vault',
  text: `SELECT default_vault_id AS before FROM workspaces WHERE workspace_id = $1 FOR NO KEY UPDATE`,
};

const SET_DEFAULT_VAULT: Statement = {
  name: 'workspace-set-default-vault',
  text: `UPDATE workspaces SET default_vault_id = $2 WHERE workspace_id = $1`,
};

/** Answers when it was created. */
export async function insertWorkspace(
  tx: Queries,
  workspace: { name: string; defaultVaultId: string; defaultBoxId: string },
): Promise<Date> {
  const [row] = await tx.query<{ created_at: Date }>(INSERT, [workspace.name, workspace.defaultVaultId, workspace.defaultBoxId]);
  if (!row) throw new Error('an insert answered no row');
  return row.created_at;
}

/** Undefined when there is no such workspace. */
export async function workspaceName(tx: Queries): Promise<string | undefined> {
  return (await tx.query<{ name: string }>(FIND_NAME))[0]?.name;
}

/**
 * Answers which vault was the default before. Two statements: one that locks and updates would, having waited, update the row as
 * it was before, and meet whoever waits for that one.
 */
export async function setDefaultVault(tx: Queries, vaultId: string): Promise<string | undefined> {
  const locked = tx.query<{ before: string }>(LOCK_DEFAULT_VAULT);
  await tx.query(SET_DEFAULT_VAULT, [vaultId]);
  return (await locked)[0]?.before;
}
