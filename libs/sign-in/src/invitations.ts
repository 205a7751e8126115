import { type MemberFacts, type MemberRole, type MemberRows, NO_INVITATION, type RowMacs } from '#access';
import type { Database } from '#database';
import type { SignInLimiter } from '#limits';
import { asCountedTry, isWrongTry } from './counted-try.js';
import {
  type ClaimedInvitation,
  type LiveInvitation,
  again,
  findLiveInvitation,
  invitationOccasion,
  isToCome,
  readInvitation,
} from './invitation-claim.js';
import { type SignInSource, type SignedInMember, newMemberSession } from './member-session.js';
import type { PasswordHashes } from './password/password-hashes.js';
import { requireGoodPassword } from './password/password-rules.js';
import type { RecoveryCodes } from './password/recovery-codes.js';
import { recordRefusedSignIn } from './refused-sign-in.js';
import { SignInError } from './sign-in-error.js';
import { type TotpSetting, newTotpSecret, totpSetting, totpStep } from './password/totp.js';
import type { TotpSecrets } from './password/totp-secrets.js';
import { spendTotpStep } from './password/totp-steps.js';

export interface OpenedInvitation {
  workspaceId: string;
  workspaceName: string;
  email: string;
  role: MemberRole;
  expiresAt: Date;
  /** `setUp` comes back with the first code. */
  totp: TotpSetting & { setUp: string };
}

export interface Acceptance {
  token: string;
  name: string;
  password: string;
  totpSetUp: string;
  totpCode: string;
}

export interface JoinedMember {
  signedIn: SignedInMember;
  /** Told this once. */
  recoveryCodes: string[];
}

/**
 * From an invitation to a member who is signed in. Opening keeps nothing: each time there is another secret for an authenticator,
 * sealed into what comes back with its first code, so that who only looked at an invitation knows nothing of what the member uses.
 */
export class Invitations {
  constructor(
    private readonly database: Database,
    private readonly macs: RowMacs,
    private readonly members: MemberRows,
    private readonly hashes: PasswordHashes,
    private readonly secrets: TotpSecrets,
    private readonly recoveryCodes: RecoveryCodes,
    private readonly limiter: SignInLimiter,
  ) {}

  /** Throws `invitation_refused`; LimitError. */
  open(source: SignInSource, token: string): Promise<OpenedInvitation> {
    return this.#try(source, token, async (claimed) => {
      const { member, expiresAt, workspaceName } = await this.#live(claimed);
      const { workspaceId, digest } = claimed;
      const { email, role, member_id: memberId } = member;
      const secret = newTotpSecret();
      const setUp = this.secrets.sealSetUp({ workspaceId, memberId }, invitationOccasion(digest), secret);
      const totp = { ...totpSetting(secret, { email, workspaceName }), setUp };
      return { workspaceId, workspaceName, email, role, expiresAt, totp };
    });
  }

  /** Throws `invitation_refused`, `password_not_acceptable`, `totp_code_refused`, `sign_in_busy`; LimitError. */
  accept(source: SignInSource, acceptance: Acceptance): Promise<JoinedMember> {
    return this.#try(source, acceptance.token, async (claimed) => {
      const invitation = await this.#live(claimed);
      const { email } = invitation.member;
      requireGoodPassword(acceptance.password, { email, workspaceName: invitation.workspaceName }, 'password');
      const totp = this.#setUpTotp(claimed, invitation, acceptance);
      const password_hash = await this.hashes.hash(acceptance.password);
      return this.#join(source, claimed, invitation, { name: acceptance.name, password_hash, ...totp });
    });
  }

  #try<Result>(source: SignInSource, token: string, work: (claimed: ClaimedInvitation) => Promise<Result>): Promise<Result> {
    const claimed = readInvitation(token);
    if (!claimed) return Promise.reject(new SignInError('invitation_refused'));
    const { workspaceId } = claimed;
    return asCountedTry(this.limiter, { door: 'invitation', workspaceId, sourceAddress: source.sourceAddress }, async () => {
      try {
        return await work(claimed);
      } catch (error) {
        if (isWrongTry(error)) await recordRefusedSignIn(this.database, { workspaceId, source, method: 'invitation', reason: error.code });
        throw error;
      }
    });
  }

  async #live(claimed: ClaimedInvitation): Promise<LiveInvitation> {
    const live = await this.database.read(claimed, (tx) => findLiveInvitation(tx, this.members, claimed));
    if (!live) throw new SignInError('invitation_refused');
    return live;
  }

  #setUpTotp({ workspaceId, digest }: ClaimedInvitation, { member }: LiveInvitation, { totpSetUp, totpCode }: Acceptance) {
    const whose = { workspaceId, memberId: member.member_id };
    const secret = this.secrets.openSetUp(whose, invitationOccasion(digest), totpSetUp);
    const step = secret && totpStep(secret, totpCode, Date.now());
    if (!secret || step === undefined) throw new SignInError('totp_code_refused');
    return { totp_sealed: this.secrets.seal(whose, secret), step };
  }

  /** Of two that accept at once the second finds the invitation used. */
  #join(
    source: SignInSource,
    { workspaceId, digest }: ClaimedInvitation,
    { member }: LiveInvitation,
    { step, ...own }: Pick<MemberFacts, 'name' | 'password_hash' | 'totp_sealed'> & { step: number },
  ): Promise<JoinedMember> {
    const memberId = member.member_id;
    const { codes, hmacs } = this.recoveryCodes.mint({ workspaceId, memberId });
    const { ctx, open } = newMemberSession(this.macs, workspaceId, { ...member, name: own.name }, source);
    return this.database.act(ctx, async (tx) => {
      const invited = await this.members.findToChange(tx, workspaceId, memberId);
      if (!invited || !isToCome(invited) || !invited.invitation_sha256?.equals(digest)) throw new SignInError('invitation_refused');
      await this.members.update(tx, workspaceId, { ...invited, ...own, ...NO_INVITATION, status: 'active', recovery_codes: hmacs });
      await spendTotpStep(tx, memberId, step);
      return {
        result: { signedIn: await open(tx), recoveryCodes: codes },
        event: [
          { type: 'member.joined', details: { memberId, ...again(invited) } },
          { type: 'sign_in.succeeded', details: { method: 'invitation' } },
        ],
      };
    });
  }
}
