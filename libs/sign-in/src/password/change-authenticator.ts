import { AccessError, type MemberRows, type RequestContext, confirmSession, endSessionsOf } from '#access';
import type { Database } from '#database';
import { workspaceName } from '#workspaces';
import { type CallingMember, callingMember } from '../calling-member.js';
import { SignInError } from '../sign-in-error.js';
import type { ClaimedIdentity, IdentityProof } from './identity-proof.js';
import type { ShownAgain } from './shown-again.js';
import { type TotpSetting, newTotpSecret, totpSetting, totpStep } from './totp.js';
import type { TotpSecrets } from './totp-secrets.js';
import { beginTotpSteps } from './totp-steps.js';

/** What shows that an authenticator holds the secret that it was given. */
export interface NewAuthenticator {
  totpSetUp: string;
  newTotpCode: string;
}

/** Replaces one's own authenticator, also with a recovery code in place of a lost one. Whoever else is signed in as the same person is out. */
export class ChangeAuthenticator {
  constructor(
    private readonly database: Database,
    private readonly members: MemberRows,
    private readonly secrets: TotpSecrets,
    private readonly proof: IdentityProof,
    private readonly shownAgain: ShownAgain,
  ) {}

  /** A secret for the new one: another each time, and nothing is kept of it. Throws `no_password`. */
  async open(ctx: RequestContext): Promise<TotpSetting & { setUp: string }> {
    const { workspaceId } = ctx;
    const me = callingMember(ctx);
    const name = await this.database.read(ctx, async (tx) => {
      const member = await this.members.find(tx, workspaceId, me.id);
      if (!member || member.password_hash === null) throw new SignInError('no_password');
      return workspaceName(tx);
    });
    const secret = newTotpSecret();
    const setUp = this.secrets.sealSetUp({ workspaceId, memberId: me.id }, occasionOf(me), secret);
    return { ...totpSetting(secret, { email: me.email, workspaceName: name ?? '' }), setUp };
  }

  /** Throws `totp_code_refused`, `identity_not_confirmed`, LimitError. */
  async run(ctx: RequestContext, claimed: ClaimedIdentity, given: NewAuthenticator): Promise<null> {
    const { workspaceId } = ctx;
    const { id, sessionId } = callingMember(ctx);
    const { totp_sealed, step } = this.#setUp(ctx, given);
    return this.shownAgain.run(ctx, 'change_authenticator', claimed, (proven) =>
      this.database.act(ctx, async (tx) => {
        const member = await this.proof.spend(tx, workspaceId, proven);
        await this.members.update(tx, workspaceId, { ...member, totp_sealed });
        await beginTotpSteps(tx, id, step);
        if (!(await confirmSession(tx, sessionId))) throw new AccessError('unauthenticated');
        const sessionsEnded = await endSessionsOf(tx, id, { except: sessionId });
        return { result: null, event: { type: 'member.authenticator_changed', details: { code: proven.code.by, sessionsEnded } } };
      }),
    );
  }

  /** The caller was told the secret: a wrong code of it is no guess that would have to be counted. */
  #setUp(ctx: RequestContext, { totpSetUp, newTotpCode }: NewAuthenticator) {
    const me = callingMember(ctx);
    const whose = { workspaceId: ctx.workspaceId, memberId: me.id };
    const secret = this.secrets.openSetUp(whose, occasionOf(me), totpSetUp);
    const step = secret && totpStep(secret, newTotpCode, Date.now());
    if (!secret || step === undefined) throw new SignInError('totp_code_refused');
    return { totp_sealed: this.secrets.seal(whose, secret), step };
  }
}

const occasionOf = ({ sessionId }: CallingMember): string => `session ${sessionId}`;
