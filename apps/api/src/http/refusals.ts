import type { FastifyRequest } from 'fastify';
import { isRefusal } from '#access';
import { type Database, isForeignKeyViolation } from '#database';
import { WorkspaceError } from '#workspaces';
import type { ProblemCode } from './problem.js';

/** Puts on record who was refused what: a credential that is none, and everything that its caller may not do. */
export class Refusals {
  constructor(private readonly database: Pick<Database, 'act'>) {}

  /** Whether there is anything to record, and a workspace that it concerns. */
  concerns(request: FastifyRequest, error: unknown): boolean {
    return request.refusable !== null && (isRefusal(error) || error instanceof WorkspaceError);
  }

  async record(request: FastifyRequest, reason: ProblemCode): Promise<void> {
    if (!request.refusable) return;
    const details = { reason, method: request.method, route: request.routeOptions.url };
    try {
      await this.database.act(request.refusable, () => ({ result: null, event: { type: 'access.refused', details } }));
    } catch (error) {
      // A token may claim any workspace; of one that is not there nothing is kept.
      if (!isForeignKeyViolation(error, 'audit_events_workspace_id_fkey')) throw error;
    }
  }
}
