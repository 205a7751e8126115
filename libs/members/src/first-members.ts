import { randomUUIDv7 } from 'node:crypto';
import { type GrantRows, type MemberRows, OPERATOR } from '#access';
import type { Queries } from '#audit';
import { insertGroup } from './group-store.js';
import { mintInvitation } from './invitations.js';
import { invitedMember } from './invited-member.js';

/** The Owner of a new workspace, invited, in a group that owns its first box. */
export interface FirstMembers {
  ownerId: string;
  groupId: string;
  invitation: { token: string; expiresAt: Date };
  insert(tx: Queries): Promise<void>;
}

export function firstMembers(members: MemberRows, grants: GrantRows, workspaceId: string, ownerEmail: string): FirstMembers {
  const [ownerId, groupId] = [randomUUIDv7(), randomUUIDv7()];
  const invitation = mintInvitation(workspaceId, { id: OPERATOR.id, endsAt: undefined });
  return {
    ownerId,
    groupId,
    invitation: { token: invitation.token, expiresAt: invitation.expiresAt },
    async insert(tx) {
      await members.insert(tx, workspaceId, invitedMember(ownerId, ownerEmail, 'owner', invitation));
      await insertGroup(tx, { groupId, name: 'Owners' });
      await grants.insertMembership(tx, workspaceId, { group_id: groupId, member_id: ownerId });
    },
  };
}
