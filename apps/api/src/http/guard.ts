import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  AccessError,
  type Action,
  type Authenticated,
  type Authenticator,
  type RequestContext,
  claimedBy,
  nobody,
  tokenDigest,
} from '#access';
import type { TokenGuesses } from '#limits';
import { WorkspaceError } from '#workspaces';
import { type Credential, credentialOf } from './credential.js';
import { idempotencyKeyOf } from './idempotency-key.js';
import type { LimitRequests } from './limit-requests.js';
import { refuseForeignPage, refuseForgery } from './refuse-forgery.js';

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
    private readonly guesses: TokenGuesses,
    private readonly limits: LimitRequests,
    private readonly newWorkspaceId: NewWorkspaceId,
  ) {}

  async admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (request.is404) return;
    const { access, confirmsIdentity } = request.routeOptions.config;
    if (!access) throw new AccessError('forbidden');
    if ('public' in access) {
      refuseForeignPage(request);
      return;
    }
    const credential = credentialOf(request.raw);
    const caller = await this.#authenticated(request, credential);
    await this.limits.enter(request, reply, allowanceOf(caller)); // refused ones count as well
    const ctx = this.#contextOf(request, caller);
    if (caller.workspaceId !== undefined) request.refusable = ctx;
    refuseForeignWorkspace(request, caller);
    if (credential?.isCookie) refuseForgery(request, credential.token);
    refuseOtherActions(caller, access.action);
    if (confirmsIdentity && !caller.isConfirmed) throw new AccessError('confirmation_required');
    request.ctx = ctx;
  }

  async #authenticated(request: FastifyRequest, credential: Credential | undefined): Promise<Authenticated> {
    const claimed = credential && claimedBy(credential.token);
    if (!claimed) throw new AccessError('unauthenticated');
    const { token } = credential;
    const workspaceId = claimed.kind === 'operator' ? undefined : claimed.workspaceId;
    const guess = { digest: tokenDigest(token), claimed: workspaceId ?? claimed.kind, sourceAddress: request.ip };
    const { found, isFirst } = await this.guesses.lookUp(guess, () => this.authenticator.authenticate(token));
    if (found) return found;
    if (isFirst && workspaceId !== undefined) request.refusable = nobody(workspaceId, sourceOf(request));
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

/** Whose share a request takes: who got hold of a link uses up its own and not that of the workspace. */
function allowanceOf({ principal, workspaceId }: Authenticated): string {
  return principal.kind === 'setup_link' ? principal.id : (workspaceId ?? principal.id);
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
