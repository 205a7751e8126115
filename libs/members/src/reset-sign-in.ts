import { type MemberRow, type MemberRows, endSessionsOf } from '#access';
import type { AuditEvent, Queries } from '#audit';
import type { Invitation } from './invitations.js';
import { forgetIdentities } from './member-store.js';

/**
 * Takes everything from a member, whose row is held, that lets them in: sessions, password, authenticator, recovery codes and what
 * identity providers know of them. From then on the invitation alone does, once. Role, groups and grants stay.
 */
export async function resetSignIn(
  tx: Queries,
  members: MemberRows,
  workspaceId: string,
  member: MemberRow,
  invitation: Invitation,
): Promise<{ row: MemberRow; event: AuditEvent }> {
  const { member_id: memberId, email, name, role } = member;
  const row = await members.update(tx, workspaceId, {
    ...member,
    status: member.status === 'invited' ? 'invited' : 'reset',
    password_hash: null,
    totp_sealed: null,
    recovery_codes: [],
    invitation_sha256: invitation.digest,
    invitation_expires_at: invitation.expiresAt,
  });
  const [sessionsEnded, providerIds] = [await endSessionsOf(tx, memberId), await forgetIdentities(tx, memberId)];
  const details = { memberId, email, name, role, sessionsEnded, providerIds, expiresAt: invitation.expiresAt.toISOString() };
  return { row, event: { type: 'member.reset', details } };
}
