import type { MemberRole, MemberStatus } from '#access';
import type { StoredGroup, StoredGroupMember } from './group-store.js';

export interface GroupView {
  id: string;
  name: string;
  /** Null for a local group. */
  providerId: string | null;
  claimValue: string | null;
  memberCount: number;
  createdAt: string;
}

export interface GroupMemberView {
  memberId: string;
  email: string;
  name: string;
  role: MemberRole;
  status: MemberStatus;
  addedAt: string;
}

export function groupView(row: StoredGroup): GroupView {
  return {
    id: row.group_id,
    name: row.name,
    providerId: row.provider_id,
    claimValue: row.claim_value,
    memberCount: row.member_count,
    createdAt: row.created_at.toISOString(),
  };
}

export function groupMemberView(row: StoredGroupMember): GroupMemberView {
  const { member_id: memberId, email, name, role, status, added_at } = row;
  return { memberId, email, name, role, status, addedAt: added_at.toISOString() };
}
