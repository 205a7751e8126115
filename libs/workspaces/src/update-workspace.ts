import type { RequestContext } from '#access';
import type { Database } from '#database';
import { WorkspaceError } from './workspace-error.js';
import { type WorkspaceChange, updateWorkspace } from './workspace-store.js';
import { type WorkspaceView, workspaceView } from './workspace-view.js';

/** Changes what the workspace is called, and what it asks of signatures; what is not named stays. */
export class UpdateWorkspace {
  constructor(private readonly database: Database) {}

  async run(ctx: RequestContext, change: WorkspaceChange): Promise<WorkspaceView> {
    return this.database.act(ctx, async (tx) => {
      const updated = await updateWorkspace(tx, change);
      if (!updated) throw new WorkspaceError('workspace_not_found');
      const { before, after } = updated;
      const result = workspaceView(after);
      return {
        result,
        event: { type: 'workspace.updated', details: { before, after: { name: result.name, awsAudience: result.awsAudience } } },
      };
    });
  }
}
