export { ACTIONS, ROLES, type Action, type Role } from './actions.js';
export { AccessError, type AccessErrorCode } from './access-error.js';
export { Authenticator, type Authenticated, type WorkspaceReader } from './authenticator.js';
export { besides, type Idempotency, type Principal, type RequestContext } from './request-context.js';
export { mintToken, type NewToken } from './mint-token.js';
export { TokenMacs } from './token-macs.js';
