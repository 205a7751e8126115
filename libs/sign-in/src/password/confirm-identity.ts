import { AccessError, type RequestContext, confirmSession } from '#access';
import type { Database } from '#database';
import { callingMember } from '../calling-member.js';
import type { ClaimedIdentity, IdentityProof } from './identity-proof.js';
import type { ShownAgain } from './shown-again.js';

/** Confirms an identity, for the acts that lose or expose data. */
export class ConfirmIdentity {
  constructor(
    private readonly database: Database,
    private readonly proof: IdentityProof,
    private readonly shownAgain: ShownAgain,
  ) {}

  /** Answers when that was, by the database's clock. Throws `identity_not_confirmed`; LimitError. */
  run(ctx: RequestContext, claimed: ClaimedIdentity): Promise<Date> {
    const { sessionId } = callingMember(ctx);
    return this.shownAgain.run(ctx, 'confirm_identity', claimed, (proven) =>
      this.database.act(ctx, async (tx) => {
        await this.proof.spend(tx, ctx.workspaceId, proven);
        const confirmedAt = await confirmSession(tx, sessionId);
        if (!confirmedAt) throw new AccessError('unauthenticated');
        return { result: confirmedAt, event: { type: 'session.confirmed', details: { method: 'password', code: proven.code.by } } };
      }),
    );
  }
}
