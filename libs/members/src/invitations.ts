import { type InvitationFacts, newWorkspaceToken, tokenDigest } from '#access';

const VALID_FOR_MS = 7 * 24 * 60 * 60 * 1000;

/** Who hands out invitations. */
export interface Issuer {
  /** Of the principal. */
  id: string;
  /** Of a key that ends by itself: nobody comes by its invitations after it. */
  endsAt: Date | undefined;
}

/** What lets somebody become the member they were invited as. The token is shown once; its digest stands in the member's row. */
export interface Invitation {
  token: string;
  digest: Buffer;
  expiresAt: Date;
  issuedBy: string;
}

export function mintInvitation(workspaceId: string, issuer: Issuer): Invitation {
  const token = newWorkspaceToken('invitation', workspaceId);
  const expiresAt = new Date(Math.min(Date.now() + VALID_FOR_MS, issuer.endsAt?.getTime() ?? Infinity));
  return { token, digest: tokenDigest(token), expiresAt, issuedBy: issuer.id };
}

export const invitationFacts = ({ digest, expiresAt, issuedBy }: Invitation): InvitationFacts => ({
  invitation_sha256: digest,
  invitation_expires_at: expiresAt,
  invited_by: issuedBy,
});
