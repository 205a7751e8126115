export {
  ACTIONS,
  type Action,
  BOX_ACTIONS,
  BOX_ROLES,
  type BoxRole,
  MEMBER_ROLES,
  type MemberRole,
  ROLES,
  type Role,
  SCOPES,
} from './actions.js';
export { AccessError, type AccessErrorCode } from './access-error.js';
export { type ApiKey, type ApiKeyOrder, holdApiKey, listCountingKeys, type MintedApiKey, mintApiKey } from './api-keys.js';
export {
  type AwsPrincipal,
  grantCandidates,
  GRANT_ARN_WARNINGS,
  type GrantArn,
  type GrantArnWarning,
  parseAwsPrincipal,
  type ProvenAwsPrincipal,
  provenAwsPrincipal,
  readGrantArn,
} from './aws-principal.js';
export { Authenticator, type Authenticated, type WorkspaceReader } from './authenticator.js';
export { type GrantFacts, type GrantPrincipal, type GrantRow, GrantRows } from './box-grants.js';
export { type AllowedByBox, asRefusal, BoxRights, type BoxState, handsOutEveryBox, isRefusal, requireEveryBox } from './box-rights.js';
export {
  type InvitationFacts,
  MEMBER_STATUSES,
  type MemberFacts,
  type MemberHold,
  type MemberRow,
  MemberRows,
  type MemberStatus,
  NO_INVITATION,
} from './member-rows.js';
export { type AwsCaller, OPERATOR, type Principal, callerDetails } from './principal.js';
export {
  besides,
  type BoxReach,
  type Idempotency,
  NOWHERE,
  nobody,
  type RequestContext,
  type RequestSource,
  theOperator,
  theSystem,
} from './request-context.js';
export { type RowField, RowMacs } from './row-macs.js';
export {
  confirmSession,
  CONFIRMED_SECONDS,
  csrfTokenOf,
  endSession,
  endSessionsOf,
  findStoredSession,
  listSessions,
  type MintedSession,
  mintSession,
  SESSION_SECONDS,
  type SessionOf,
  type StoredSession,
} from './sessions.js';
export { type MintedSetupLink, mintSetupLink, type SetupLinkOrder } from './setup-links.js';
export { type Standing, standingOfAws, standingOfKey, standingOfMember } from './standing.js';
export { claimedBy, newWorkspaceToken, tokenDigest } from './tokens.js';
