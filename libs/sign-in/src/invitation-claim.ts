import { type MemberRow, type MemberRows, claimedBy, tokenDigest } from '#access';
import type { Queries } from '#audit';
import { workspaceName } from '#workspaces';

/** An invitation's token, taken apart; proves nothing yet. */
export interface ClaimedInvitation {
  workspaceId: string;
  digest: Buffer;
}

export interface LiveInvitation {
  member: MemberRow;
  expiresAt: Date;
  workspaceName: string;
}

export function readInvitation(token: string): ClaimedInvitation | undefined {
  const claimed = claimedBy(token);
  return claimed?.kind === 'invitation' ? { workspaceId: claimed.workspaceId, digest: tokenDigest(token) } : undefined;
}

/** Undefined when it is unknown, used, withdrawn or expired. */
export async function findLiveInvitation(
  tx: Queries,
  members: MemberRows,
  { workspaceId, digest }: ClaimedInvitation,
): Promise<LiveInvitation | undefined> {
  const member = await members.findByInvitation(tx, workspaceId, digest);
  const expiresAt = member && liveUntil(member);
  if (!expiresAt || !isToCome(member)) return undefined;
  return { member, expiresAt, workspaceName: (await workspaceName(tx)) ?? '' };
}

/** Undefined when it is over, also because nobody is known who could answer for it: then it ends with nobody. */
export function liveUntil({ invitation_expires_at: until, invited_by }: MemberRow): Date | undefined {
  return invited_by !== null && until !== null && until.getTime() > Date.now() ? until : undefined;
}

/** Whether an invitation is what lets the member in: the first time, or again. */
export const isToCome = ({ status }: MemberRow): boolean => status === 'invited' || status === 'reset';

/** For the record of coming: that they were here before. */
export const again = ({ status }: MemberRow): { isAgain?: true } => (status === 'reset' ? { isAgain: true } : {});

/** For what is sealed while somebody sets up their authenticator. */
export const invitationOccasion = (digest: Buffer): string => `invitation ${digest.toString('base64url')}`;
