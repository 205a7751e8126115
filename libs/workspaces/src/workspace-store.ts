import type { Queries, Statement } from '#audit';

const INSERT: Statement = {
  name: 'workspace-insert',
  text: `INSERT INTO workspaces (workspace_id, name, default_vault_id, default_box_id) VALUES ($1, $2, $3, $4) RETURNING created_at`,
};

/** Weaker than FOR UPDATE: that one waits for every insert of the workspace, and two that have inserted would wait for each other. */
const SET_DEFAULT_VAULT: Statement = {
  name: 'workspace-set-default-vault',
  text: `UPDATE workspaces SET default_vault_id = $2 FROM (SELECT default_vault_id AS before FROM workspaces WHERE workspace_id = $1 FOR NO KEY UPDATE) w
    WHERE workspaces.workspace_id = $1 RETURNING w.before`,
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

/** Answers which vault was the default before. */
export async function setDefaultVault(tx: Queries, vaultId: string): Promise<string | undefined> {
  return (await tx.query<{ before: string }>(SET_DEFAULT_VAULT, [vaultId]))[0]?.before;
}
