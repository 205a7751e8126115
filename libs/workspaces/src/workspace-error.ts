export type WorkspaceErrorCode =
  /** Absent, or somebody else's: the two are one. */
  'workspace_not_found';

export class WorkspaceError extends Error {
  override readonly name = 'WorkspaceError';
  readonly facts: Readonly<Record<string, unknown>> = {};
  constructor(readonly code: WorkspaceErrorCode) {
    super(code);
  }
}
