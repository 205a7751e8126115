import type { MemberRows, RequestContext } from '#access';
import type { Database } from '#database';
import { callingMember } from '../calling-member.js';
import type { RecoveryCodes } from './recovery-codes.js';
import { SignInError } from '../sign-in-error.js';

/** New recovery codes for oneself; the ones before are worth nothing any more. */
export class RenewRecoveryCodes {
  constructor(
    private readonly database: Database,
    private readonly members: MemberRows,
    private readonly recoveryCodes: RecoveryCodes,
  ) {}

  /** The codes, told this once. Throws `no_password` for whoever signs in elsewhere. */
  run(ctx: RequestContext): Promise<{ recoveryCodes: string[] }> {
    const { workspaceId } = ctx;
    const { id: memberId } = callingMember(ctx);
    const { codes, hmacs } = this.recoveryCodes.mint({ workspaceId, memberId });
    return this.database.act(ctx, async (tx) => {
      const member = await this.members.findToChange(tx, workspaceId, memberId);
      if (!member || member.password_hash === null) throw new SignInError('no_password');
      await this.members.update(tx, workspaceId, { ...member, recovery_codes: hmacs });
      return { result: { recoveryCodes: codes }, event: { type: 'member.recovery_codes_renewed' } };
    });
  }
}
