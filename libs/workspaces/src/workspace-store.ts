import type { Queries, Statement } from '#audit';

const INSERT: Statement = {
  name: 'workspace-insert',
  text: `INSERT INTO workspaces (workspace_id, name, default_vault_id, default_box_id) VALUES ($1, $2, $3, $4) RETURNING created_at`,
};

const FIND_NAME: Statement = { name: 'workspace-find-name', text: 'SELECT name FROM workspaces WHERE workspace_id = $1' };

const COLUMNS = ['workspace_id', 'name', 'default_vault_id', 'default_box_id', 'aws_audience', 'created_at'];

const FIND: Statement = {
  name: 'workspace-find',
  text: `SELECT ${COLUMNS.join(', ')} FROM workspaces WHERE workspace_id = $1`,
};

const UPDATE: Statement = {
  name: 'workspace-update',
  text: `UPDATE workspaces SET name = coalesce($2, name), aws_audience = coalesce($3, aws_audience) WHERE workspace_id = $1
    RETURNING ${COLUMNS.join(', ')}`,
};

/** Weaker than FOR UPDATE, as below. */
const LOCK: Statement = {
  name: 'workspace-lock',
  text: `SELECT name, aws_audience FROM workspaces WHERE workspace_id = $1 FOR NO KEY UPDATE`,
};

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

/** What its administrators change. */
export interface WorkspaceSettings {
  name: string;
  awsAudience: 'required' | 'optional';
}

export type WorkspaceChange = { [Setting in keyof WorkspaceSettings]?: WorkspaceSettings[Setting] | undefined };

export interface StoredWorkspace {
  workspace_id: string;
  name: string;
  default_vault_id: string;
  default_box_id: string;
  aws_audience: WorkspaceSettings['awsAudience'];
  created_at: Date;
}

export async function findWorkspace(tx: Queries): Promise<StoredWorkspace | undefined> {
  return (await tx.query<StoredWorkspace>(FIND))[0];
}

/** Changes what is given; answers how it was and how it is. Two statements, for the reason that `setDefaultVault` has. */
export async function updateWorkspace(
  tx: Queries,
  { name, awsAudience }: WorkspaceChange,
): Promise<{ before: WorkspaceSettings; after: StoredWorkspace } | undefined> {
  const locked = tx.query<Pick<StoredWorkspace, 'name' | 'aws_audience'>>(LOCK);
  const [after] = await tx.query<StoredWorkspace>(UPDATE, [name, awsAudience]);
  const [before] = await locked;
  return before && after && { before: { name: before.name, awsAudience: before.aws_audience }, after };
}
