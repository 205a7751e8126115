import type { StoredWorkspace } from './workspace-store.js';

export interface WorkspaceView {
  id: string;
  name: string;
  defaultVaultId: string;
  defaultBoxId: string;
  /** Whether AWS identities that come as clients of Cerberus must have signed that they mean this workspace. */
  awsAudience: 'required' | 'optional';
  createdAt: string;
}

export function workspaceView(workspace: StoredWorkspace): WorkspaceView {
  return {
    id: workspace.workspace_id,
    name: workspace.name,
    defaultVaultId: workspace.default_vault_id,
    defaultBoxId: workspace.default_box_id,
    awsAudience: workspace.aws_audience,
    createdAt: workspace.created_at.toISOString(),
  };
}
