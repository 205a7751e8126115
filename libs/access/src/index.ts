export { ACTIONS, ROLES, type Action, type Role } from './actions.js';
export type { Idempotency, Principal, RequestContext } from './request-context.js';
