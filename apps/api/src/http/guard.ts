import type { FastifyRequest } from 'fastify';
import { AccessError, type Action, type Authenticated, type Authenticator, type RequestContext, claimedBy, nobody } from '#access';
import { WorkspaceError } from '#workspaces';
import { type Credential, credentialOf } from './credential.js';
import { idempotencyKeyOf } from './idempotency-key.js';
import { refuseForgery } from './refuse-forgery.js';

/** Id of the workspace that an operator's request would create: the same for a repeat under the same idempotency key. */
export type NewWorkspaceId = (principalId: string, idempotencyKey: string | undefined) => string;

/**
 * The one guard. It stands in front of every route of the server, also of those that Nest does not know, and runs before the
 * body is read: nobody unknown makes us parse anything. It reads what the matched route declares about itself, never the path
 * as it was written. A route that declares nothing is refused here, and keeps the server from starting.
 */
export class Guard {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly newWorkspaceId: NewWorkspaceId,
  ) {}

  async admit(request: FastifyRequest): Promise<void> {
    if (request.is404) return;
    const { access, confirmsIdentity } = request.routeOptions.config;
    if (!access) throw new AccessError('forbidden');
    if ('public' in access) return;
    const credential = credentialOf(request.raw);
    const caller = await this.#authenticated(request, credential);
    const ctx = this.#contextOf(request, caller);
    if (caller.workspaceId !== undefined) request.refusable = ctx;
    refuseForeignWorkspace(request, caller);
    if (credential?.isCookie) refuseForgery(request, credential.token);
    refuseOtherActions(caller, access.action);
    if (confirmsIdentity && !caller.isConfirmed) throw new AccessError('confirmation_required');
    request.ctx = ctx;
  }

  async #authenticated(request: FastifyRequest, credential: Credential | undefined): Promise<Authenticated> {
    const caller = credential && (await this.authenticator.authenticate(credential.token));
    if (caller) return caller;
    const claimed = credential && claimedBy(credential.token);
    if (claimed && claimed.kind !== 'operator') request.refusable = nobody(claimed.workspaceId, sourceOf(request));
    throw new AccessError('unauthenticated');
  }

  #contextOf(request: FastifyRequest, { principal, workspaceId, actions, reach }: Authenticated): RequestContext {
    return {
      principal,
      workspaceId: workspaceId ?? this.newWorkspaceId(principal.id, idempotencyKeyOf(request)),
      actions,
      reach,
      ...sourceOf(request),
    };
  }
}

function sourceOf(request: FastifyRequest) {
  return { requestId: request.id, sourceAddress: request.ip };
}

/** Foreign, absent and malformed are one: the path is compared with the credential, and nothing is looked up. */
function refuseForeignWorkspace(request: FastifyRequest, caller: Authenticated): void {
  const { workspaceId } = request.params as { workspaceId?: string };
  if (workspaceId === undefined || caller.workspaceId === undefined) return;
  if (workspaceId !== caller.workspaceId) throw new WorkspaceError('workspace_not_found');
}

function refuseOtherActions(caller: Authenticated, action: Action): void {
  if (!caller.actions.has(action)) throw new AccessError('forbidden');
}
