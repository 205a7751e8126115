import { AccessError, type MemberRows, type RequestContext, confirmSession, endSessionsOf } from '#access';
import type { Database } from '#database';
import { workspaceName } from '#workspaces';
import { callingMember } from '../calling-member.js';
import type { ClaimedIdentity, IdentityProof } from './identity-proof.js';
import type { PasswordHashes } from './password-hashes.js';
import { requireGoodPassword } from './password-rules.js';
import type { ShownAgain } from './shown-again.js';

/** Changes one's own password. Whoever else is signed in as the same person is out. */
export class ChangePassword {
  constructor(
    private readonly database: Database,
    private readonly members: MemberRows,
    private readonly hashes: PasswordHashes,
    private readonly proof: IdentityProof,
    private readonly shownAgain: ShownAgain,
  ) {}

  /** Throws `password_not_acceptable`, `identity_not_confirmed`, LimitError. */
  async run(ctx: RequestContext, claimed: ClaimedIdentity, newPassword: string): Promise<null> {
    const { id, sessionId, email } = callingMember(ctx);
    const name = await this.database.read(ctx, (tx) => workspaceName(tx));
    requireGoodPassword(newPassword, { email, workspaceName: name ?? '' }, 'newPassword');
    return this.shownAgain.run(ctx, 'change_password', claimed, async (proven) => {
      const password_hash = await this.hashes.hash(newPassword);
      return this.database.act(ctx, async (tx) => {
        const member = await this.proof.spend(tx, ctx.workspaceId, proven);
        await this.members.update(tx, ctx.workspaceId, { ...member, password_hash });
        if (!(await confirmSession(tx, sessionId))) throw new AccessError('unauthenticated');
        const sessionsEnded = await endSessionsOf(tx, id, { except: sessionId });
        return { result: null, event: { type: 'member.password_changed', details: { sessionsEnded } } };
      });
    });
  }
}
