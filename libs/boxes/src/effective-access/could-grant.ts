import { MEMBER_ROLES, type MemberRows, type RowMacs, handsOutEveryBox, listCountingKeys, standingOfKey, standingOfMember } from '#access';
import type { Queries, Statement } from '#audit';
import type { AccessPrincipal } from './access-entry.js';

const LISTED_MAX = 100;

const OF_ROLES: Statement = {
  name: 'access-members-of-roles',
  text: `SELECT member_id FROM members WHERE workspace_id = $1 AND role = ANY ($2) ORDER BY member_id LIMIT $3`,
};

/** Those who may hand out access to every box, and so could give it to themselves: at most 100. */
export async function couldGrant(tx: Queries, members: MemberRows, macs: RowMacs, workspaceId: string): Promise<AccessPrincipal[]> {
  const people = await membersWho(tx, members, workspaceId);
  const keys = await listCountingKeys(tx, macs, workspaceId, { boxId: undefined, scopes: ['access:any_box'] }, LISTED_MAX);
  const services = keys.flatMap(({ key }): AccessPrincipal[] => {
    const standing = key && standingOfKey(workspaceId, key);
    return standing && handsOutEveryBox(standing.actions, standing) ? [{ kind: 'api_key', apiKeyId: key.apiKeyId, name: key.name }] : [];
  });
  return [...people, ...services].slice(0, LISTED_MAX);
}

async function membersWho(tx: Queries, members: MemberRows, workspaceId: string): Promise<AccessPrincipal[]> {
  const roles = MEMBER_ROLES.filter((role) => {
    const standing = standingOfMember(workspaceId, { memberId: '', role });
    return handsOutEveryBox(standing.actions, standing);
  });
  const rows = await tx.query<{ member_id: string }>(OF_ROLES, [roles, LISTED_MAX]);
  const found = await Promise.all(rows.map(({ member_id }) => members.find(tx, workspaceId, member_id)));
  return found.flatMap((member) =>
    member ? [{ kind: 'user' as const, memberId: member.member_id, name: member.name, email: member.email }] : [],
  );
}
