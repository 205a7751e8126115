import { type InvitationFacts, type MemberRow, type MemberRows } from '#access';
import type { AuditEvent, EventType, Queries } from '#audit';

export interface Withdrawal {
  /** The principal who handed the invitations out. Its row is held, and says already that it can hand out no more. */
  issuerId: string;
  /** What happened to the issuer. */
  because: Extract<EventType, 'member.removed' | 'member.updated' | 'member.reset' | 'owner.transferred' | 'api_key.revoked'>;
}

/**
 * Ends every invitation of a principal that nobody has come by, as if it had expired: whoever handed it out may have kept it. The
 * members stay, and can be invited again or reset again by others.
 */
export async function withdrawInvitations(
  tx: Queries,
  members: MemberRows,
  workspaceId: string,
  { issuerId, because }: Withdrawal,
): Promise<AuditEvent[]> {
  const invited = await members.holdInvitedBy(tx, workspaceId, issuerId);
  const now = new Date();
  await Promise.all(invited.map((member) => members.update(tx, workspaceId, { ...member, ...withdrawnAt(now, member) })));
  return invited.map(({ member_id: memberId, email, name, role, status }) => ({
    type: 'member.invitation_withdrawn',
    details: { memberId, email, name, role, status, issuedBy: issuerId, because },
  }));
}

/** Without a digest no token is the one; the time is what people are shown. */
function withdrawnAt(now: Date, { invitation_expires_at: until }: MemberRow): InvitationFacts {
  return { invitation_sha256: null, invitation_expires_at: until !== null && until < now ? until : now, invited_by: null };
}
