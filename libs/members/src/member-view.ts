import type { MemberRole, MemberStatus } from '#access';
import type { Invitation } from './invitations.js';
import type { StoredMember } from './member-store.js';

export interface MemberView {
  id: string;
  email: string;
  name: string;
  role: MemberRole;
  status: MemberStatus;
  /** Of those who were invited, or have to come again, and have not come yet. */
  invitationExpiresAt: string | null;
  createdAt: string;
  updatedAt: string;
}

/** A member and what lets them in, which is shown once. */
export interface InvitedView {
  member: MemberView;
  invitation: { token: string; expiresAt: string };
}

export function memberView(row: StoredMember): MemberView {
  return {
    id: row.member_id,
    email: row.email,
    name: row.name,
    role: row.role,
    status: row.status,
    invitationExpiresAt: row.invitation_expires_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

export function invitedView(row: StoredMember, { token, expiresAt }: Invitation): InvitedView {
  return { member: memberView(row), invitation: { token, expiresAt: expiresAt.toISOString() } };
}
