export { BoxError, type BoxErrorCode } from './box-error.js';
export { BoxQuota } from './box-quota.js';
export { IN_RESTORABLE_BOX, findLiveBoxId, findLiveBoxIds, holdLiveBox, lockBoxesOfWorkspace } from './box-store.js';
export { type BoxView, viewFor } from './box-view.js';
export { type BoxRequest, CreateBox } from './create-box.js';
export { DeleteBox } from './delete-box.js';
export {
  type AccessEntry,
  type AccessPrincipal,
  type AccessReason,
} from './effective-access/access-entry.js';
export { couldGrant } from './effective-access/could-grant.js';
export { EffectiveAccess, isAccessPosition } from './effective-access/read-access.js';
export { type FirstBox, firstBox } from './first-box.js';
export { AddGrant } from './grants/add-grant.js';
export { ChangeGrant } from './grants/change-grant.js';
export type { NamedPrincipal } from './grants/grant-principal.js';
export { listGrants, type StoredGrant } from './grants/grant-store.js';
export { type GrantPrincipalView, type GrantView, grantView, type GrantWarning } from './grants/grant-view.js';
export { GRANTS_MAX } from './grants/grants-max.js';
export type { GrantRequest } from './grants/insert-grants.js';
export { openBox } from './open-box.js';
export { readBoxes } from './read-boxes.js';
export { RestoreBox } from './restore-box.js';
export { type BoxChange, UpdateBox } from './update-box.js';
