import { type Action, BOX_ACTIONS, type MemberRole, ROLES } from './actions.js';
import { grantCandidates, parseAwsPrincipal } from './aws-principal.js';
import type { RequestContext } from './request-context.js';

/** What somebody may do in a workspace, and how it is found out in which boxes; whoever they are, and whether they ask or not. */
export type Standing = Pick<RequestContext, 'workspaceId' | 'actions' | 'reach'>;

/** @param key `boxIds` undefined: for every box */
export function standingOfKey(
  workspaceId: string,
  { scopes, boxIds }: { scopes: readonly Action[]; boxIds: readonly string[] | undefined },
): Standing {
  return { workspaceId, actions: new Set(scopes), reach: { by: 'scope', boxIds: boxIds ? new Set(boxIds) : 'all' } };
}

export function standingOfMember(workspaceId: string, { memberId, role }: { memberId: string; role: MemberRole }): Standing {
  return { workspaceId, actions: new Set([...ROLES[role], ...BOX_ACTIONS]), reach: { by: 'grants', memberId, arns: [] } };
}

/** `uniqueId` is what pinned grants are compared with. */
export function standingOfAws(workspaceId: string, { arn, uniqueId }: { arn: string; uniqueId: string | undefined }): Standing {
  const identity = parseAwsPrincipal(arn);
  const arns = identity ? grantCandidates(identity) : [];
  return { workspaceId, actions: new Set(BOX_ACTIONS), reach: { by: 'grants', arns, ...(uniqueId !== undefined && { uniqueId }) } };
}
