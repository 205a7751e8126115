import type { MemberFacts, MemberRole } from '#access';
import { type Invitation, invitationFacts } from './invitations.js';

/** A member who has not come yet. Goes by the address until they say their name. */
export function invitedMember(memberId: string, email: string, role: MemberRole, invitation: Invitation): MemberFacts {
  return {
    member_id: memberId,
    email,
    name: email,
    role,
    status: 'invited',
    password_hash: null,
    totp_sealed: null,
    recovery_codes: [],
    ...invitationFacts(invitation),
  };
}
