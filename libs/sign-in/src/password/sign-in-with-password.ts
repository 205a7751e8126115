import type { MemberRow, MemberRows, RowMacs } from '#access';
import type { Database } from '#database';
import type { SignInLimiter } from '#limits';
import { asCountedTry } from '../counted-try.js';
import type { ClaimedIdentity, IdentityProof, ProvenMember } from './identity-proof.js';
import { type SignInSource, type SignedInMember, newMemberSession } from '../member-session.js';
import type { PasswordHashes } from './password-hashes.js';
import { recordRefusedSignIn } from '../refused-sign-in.js';
import { SignInError } from '../sign-in-error.js';
import { WrongIdentity } from './wrong-identity.js';

export interface ClaimedAccount extends ClaimedIdentity {
  /** A lower-case UUID; there need be no such workspace. */
  workspaceId: string;
  /** Lower case. */
  email: string;
}

/** Signs people in with e-mail address, password and a code. */
export class SignInWithPassword {
  constructor(
    private readonly database: Database,
    private readonly macs: RowMacs,
    private readonly members: MemberRows,
    private readonly hashes: PasswordHashes,
    private readonly proof: IdentityProof,
    private readonly limiter: SignInLimiter,
  ) {}

  /** Throws `sign_in_refused`, after it was put on record; `sign_in_busy`; LimitError. */
  run(source: SignInSource, claimed: ClaimedAccount): Promise<SignedInMember> {
    const { workspaceId, email: account } = claimed;
    const { sourceAddress } = source;
    return asCountedTry(this.limiter, { door: 'sign-in', workspaceId, account, sourceAddress }, async () => {
      try {
        return await this.#signIn(source, claimed);
      } catch (error) {
        if (!(error instanceof WrongIdentity)) throw error;
        await recordRefusedSignIn(this.database, { workspaceId, source, method: 'password', account, reason: error.reason });
        throw new SignInError('sign_in_refused', { cause: error });
      }
    });
  }

  async #signIn(source: SignInSource, claimed: ClaimedAccount): Promise<SignedInMember> {
    const { workspaceId, email } = claimed;
    const member = await this.database.read({ workspaceId }, (tx) => this.members.findByEmail(tx, workspaceId, email));
    const proven = await this.proof.check(workspaceId, member, claimed);
    return this.#openSession(source, workspaceId, proven, await this.#newHash(proven.member, claimed.password));
  }

  /** Spends the code and opens the session in one commit: neither is there without the other. */
  #openSession(source: SignInSource, workspaceId: string, proven: ProvenMember, newHash: string | undefined): Promise<SignedInMember> {
    const { ctx, open } = newMemberSession(this.macs, workspaceId, proven.member, source);
    return this.database.act(ctx, async (tx) => {
      const member = await this.proof.spend(tx, workspaceId, proven);
      if (newHash !== undefined) await this.members.update(tx, workspaceId, { ...member, password_hash: newHash });
      const details = { method: 'password', code: proven.code.by, recoveryCodesLeft: member.recovery_codes.length };
      return { result: await open(tx), event: { type: 'sign_in.succeeded', details } };
    });
  }

  /** The same password at today's cost, where it was kept at another. */
  async #newHash({ password_hash }: MemberRow, password: string): Promise<string | undefined> {
    return password_hash !== null && this.hashes.isOutdated(password_hash) ? this.hashes.hash(password) : undefined;
  }
}
