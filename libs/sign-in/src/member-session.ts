import { type MemberRole, type MemberRow, NOWHERE, type RequestContext, type RequestSource, type RowMacs, mintSession } from '#access';
import type { Queries } from '#audit';

export interface SignInSource extends RequestSource {
  userAgent: string | undefined;
}

/** A person who just came in. The token is told this once. */
export interface SignedInMember {
  token: string;
  sessionId: string;
  workspaceId: string;
  memberId: string;
  role: MemberRole;
  expiresAt: Date;
}

/** A session that is about to be opened, whichever way the person came in. */
export interface NewMemberSession {
  /** For the act that opens it: the member under their new session, who may do nothing by it. */
  ctx: RequestContext;
  open: (tx: Queries) => Promise<SignedInMember>;
}

/** A new token each time: no session that was there before becomes more than it was. */
export function newMemberSession(macs: RowMacs, workspaceId: string, member: MemberRow, source: SignInSource): NewMemberSession {
  const { member_id: memberId, role, name, email } = member;
  const { requestId, sourceAddress, userAgent } = source;
  const session = mintSession(macs, { workspaceId, of: { kind: 'member', memberId }, sourceAddress, userAgent });
  const { token, sessionId } = session;
  const principal = { kind: 'member' as const, role, id: memberId, name, email, sessionId };
  return {
    ctx: { principal, workspaceId, actions: new Set(), reach: NOWHERE, requestId, sourceAddress },
    open: async (tx) => ({ token, sessionId, workspaceId, memberId, role, ...(await session.insert(tx)) }),
  };
}
