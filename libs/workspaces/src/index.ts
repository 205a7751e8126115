export { CreateWorkspace, type CreatedWorkspace, type FirstThings } from './create-workspace.js';
export { WorkspaceError, type WorkspaceErrorCode } from './workspace-error.js';
export { workspaceIdForCreation } from './workspace-id.js';
export { setDefaultVault, workspaceName } from './workspace-store.js';
