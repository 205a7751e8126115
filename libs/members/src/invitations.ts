import { newWorkspaceToken, tokenDigest } from '#access';

const VALID_FOR_MS = 7 * 24 * 60 * 60 * 1000;

/** What lets somebody become the member they were invited as. The token is shown once; its digest stands in the member's row. */
export interface Invitation {
  token: string;
  digest: Buffer;
  expiresAt: Date;
}

export function mintInvitation(workspaceId: string): Invitation {
  const token = newWorkspaceToken('invitation', workspaceId);
  return { token, digest: tokenDigest(token), expiresAt: new Date(Date.now() + VALID_FOR_MS) };
}
