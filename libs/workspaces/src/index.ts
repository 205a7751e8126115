export { CreateWorkspace, type CreatedWorkspace, type FirstThings } from './create-workspace.js';
export { UpdateWorkspace } from './update-workspace.js';
export { WorkspaceError, type WorkspaceErrorCode } from './workspace-error.js';
export { workspaceIdForCreation } from './workspace-id.js';
export { findWorkspace, setDefaultVault, type WorkspaceChange, workspaceName } from './workspace-store.js';
export { type WorkspaceView, workspaceView } from './workspace-view.js';
