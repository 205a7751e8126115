import { randomUUID } from 'node:crypto';
import { SCOPES } from '../actions.js';
import type { RequestContext } from '../request-context.js';

/** A service whose key has every scope, asking in a workspace. */
export function aService(workspaceId: string = randomUUID(), more: Partial<RequestContext> = {}): RequestContext {
  return {
    principal: { kind: 'api_key', role: 'api_key', id: 'tester', name: 'Tester' },
    workspaceId,
    actions: new Set(SCOPES),
    reach: { by: 'scope', boxIds: 'all' },
    requestId: randomUUID(),
    sourceAddress: '127.0.0.1',
    ...more,
  };
}
