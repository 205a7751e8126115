import type { Action, Role } from './actions.js';

/** A person or machine that can be named in the audit trail. */
export interface Principal {
  /** How it proved itself. People and AWS identities join here. */
  kind: 'token';
  role: Role;
  /** Id of the credential; never the credential. */
  id: string;
  /** What people call it. */
  name: string;
}

/** A repeat of the same request must not act twice: the key that the caller chose, and the digest of what was asked under it. */
export interface Idempotency {
  key: string;
  /** SHA-256 over method, path and body. */
  requestDigest: Buffer;
}

/**
 * Who asks, in which workspace, under which request id. Made once, by the guard, from the credential alone, and passed first
 * to everything that acts.
 */
export interface RequestContext {
  principal: Principal;
  workspaceId: string;
  actions: ReadonlySet<Action>;
  requestId: string;
  /** Address of the caller, as the configured number of proxies tells it. */
  sourceAddress: string;
  idempotency?: Idempotency;
}

/** The same caller in an act of its own: a finding that must stand although the request itself fails and may be repeated. */
export function besides(ctx: RequestContext): RequestContext {
  const { principal, workspaceId, actions, requestId, sourceAddress } = ctx;
  return { principal, workspaceId, actions, requestId, sourceAddress };
}
