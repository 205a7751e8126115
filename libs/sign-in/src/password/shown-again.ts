import { type MemberRows, type RequestContext, besides } from '#access';
import type { Database } from '#database';
import type { SignInLimiter } from '#limits';
import { callingMember } from '../calling-member.js';
import { asCountedTry } from '../counted-try.js';
import type { ClaimedIdentity, IdentityProof, ProvenMember } from './identity-proof.js';
import { SignInError } from '../sign-in-error.js';
import { WrongIdentity } from './wrong-identity.js';

/**
 * Somebody who is signed in shows again who they are. It counts as a try to sign in: who has the session of another cannot guess
 * the password by it.
 */
export class ShownAgain {
  constructor(
    private readonly database: Database,
    private readonly members: MemberRows,
    private readonly proof: IdentityProof,
    private readonly limiter: SignInLimiter,
  ) {}

  /** `act` is to spend the code. Throws `identity_not_confirmed`, after it was put on record as refused `to`; LimitError. */
  run<Result>(
    ctx: RequestContext,
    to: 'confirm_identity' | 'change_password' | 'change_authenticator',
    claimed: ClaimedIdentity,
    act: (proven: ProvenMember) => Promise<Result>,
  ): Promise<Result> {
    const { workspaceId, sourceAddress } = ctx;
    const { id, email } = callingMember(ctx);
    return asCountedTry(this.limiter, { door: 'sign-in', workspaceId, account: email, sourceAddress }, async () => {
      try {
        const member = await this.database.read(ctx, (tx) => this.members.find(tx, workspaceId, id));
        return await act(await this.proof.check(workspaceId, member, claimed));
      } catch (error) {
        if (!(error instanceof WrongIdentity)) throw error;
        const details = { method: 'password', to, reason: error.reason };
        await this.database.act(besides(ctx), () => ({ result: null, event: { type: 'sign_in.refused', details } }));
        throw new SignInError('identity_not_confirmed', { cause: error });
      }
    });
  }
}
