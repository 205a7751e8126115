import type { Action } from './actions.js';
import { OPERATOR, type Principal } from './principal.js';

/** A repeat of the same request must not act twice: the key that the caller chose, and the digest of what was asked under it. */
export interface Idempotency {
  key: string;
  /** SHA-256 over method, path and body. */
  requestDigest: Buffer;
}

/** Where a request came from, known before who sent it is. */
export interface RequestSource {
  requestId: string;
  /** Address of the caller, as the configured number of proxies tells it. */
  sourceAddress: string;
}

/** How the boxes are found in which a principal may do what `actions` says. */
export type BoxReach =
  /** Of a service's key: in every box, or in those of its list. */
  | { by: 'scope'; boxIds: ReadonlySet<string> | 'all' }
  /** Of people and AWS identities: where a grant names them or a group of theirs, looked up each time. */
  | { by: 'grants'; memberId?: string; arns: readonly string[]; uniqueId?: string };

/**
 * Who asks, in which workspace, under which request id. Made once, by the guard, from the credential alone, and passed first
 * to everything that acts. An action that belongs to boxes counts only together with `reach`.
 */
export interface RequestContext extends RequestSource {
  principal: Principal;
  workspaceId: string;
  actions: ReadonlySet<Action>;
  reach: BoxReach;
  idempotency?: Idempotency;
}

export const NOWHERE: BoxReach = { by: 'scope', boxIds: new Set() };

/** The same caller in an act of its own: a finding that must stand although the request itself fails and may be repeated. */
export function besides(ctx: RequestContext): RequestContext {
  const { principal, workspaceId, actions, reach, requestId, sourceAddress } = ctx;
  return { principal, workspaceId, actions, reach, requestId, sourceAddress };
}

/** For the record of somebody who got nowhere: nobody, who may do nothing. `name` is what they called themselves. */
export function nobody(workspaceId: string, source: RequestSource, name = 'Nobody'): RequestContext {
  const { requestId, sourceAddress } = source;
  const principal: Principal = { kind: 'anonymous', role: 'anonymous', id: 'anonymous', name: name.slice(0, 200) };
  return { principal, workspaceId, actions: new Set(), reach: NOWHERE, requestId, sourceAddress };
}

/**
 * For the record of what the service does by itself; it may do nothing else. `requestId` is that of one run of a job, `name` what
 * the service does then.
 */
export function theSystem(workspaceId: string, requestId: string, name = 'Keyhold'): RequestContext {
  const principal: Principal = { kind: 'system', role: 'system', id: 'system', name };
  return { principal, workspaceId, actions: new Set(), reach: NOWHERE, requestId, sourceAddress: 'internal' };
}

/** For the record of what the operator does at a console, who has no workspace of their own; they may do nothing else by it. */
export function theOperator(workspaceId: string, requestId: string): RequestContext {
  return { principal: OPERATOR, workspaceId, actions: new Set(), reach: NOWHERE, requestId, sourceAddress: 'internal' };
}
