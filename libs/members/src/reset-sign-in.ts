import { type MemberRow, type MemberRows, endSessionsOf } from '#access';
import type { AuditEvent, Queries } from '#audit';
import { type Invitation, invitationFacts } from './invitations.js';
import { forgetIdentities } from './member-store.js';
import { withdrawInvitations } from './withdraw-invitations.js';

/**
 * Takes everything from a member, whose row is held, that lets them in: sessions, password, authenticator, recovery codes and what
 * identity providers know of them. From then on the invitation alone does, once. Role, groups and grants stay. Invitations that they
 * handed out are withdrawn, for it may have been somebody else who did.
 */
export async function resetSignIn(
  tx: Queries,
  members: MemberRows,
  workspaceId: string,
  member: MemberRow,
  invitation: Invitation,
): Promise<{ row: MemberRow; event: [AuditEvent, ...AuditEvent[]] }> {
  const { member_id: memberId, email, name, role } = member;
  const row = await members.update(tx, workspaceId, {
    ...member,
    status: member.status === 'invited' ? 'invited' : 'reset',
    password_hash: null,
    totp_sealed: null,
    recovery_codes: [],
    ...invitationFacts(invitation),
  });
  const [sessionsEnded, providerIds] = [await endSessionsOf(tx, memberId), await forgetIdentities(tx, memberId)];
  const details = { memberId, email, name, role, sessionsEnded, providerIds, expiresAt: invitation.expiresAt.toISOString() };
  const withdrawn = await withdrawInvitations(tx, members, workspaceId, { issuerId: memberId, because: 'member.reset' });
  return { row, event: [{ type: 'member.reset', details }, ...withdrawn] };
}
