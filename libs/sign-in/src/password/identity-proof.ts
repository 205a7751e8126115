import { randomUUID } from 'node:crypto';
import type { MemberRow, MemberRows } from '#access';
import type { Queries } from '#audit';
import type { PasswordHashes } from './password-hashes.js';
import type { RecoveryCodes } from './recovery-codes.js';
import { newTotpSecret, totpStep } from './totp.js';
import type { TotpSecrets } from './totp-secrets.js';
import { spendTotpStep } from './totp-steps.js';
import { WrongIdentity, type WrongReason } from './wrong-identity.js';

/** What somebody says to show who they are: the password, and exactly one of the codes. */
export interface ClaimedIdentity {
  password: string;
  totpCode?: string | undefined;
  recoveryCode?: string | undefined;
}

/** A code that is right, and still to be spent. */
type GoodCode = { by: 'totp'; step: number } | { by: 'recovery_code'; hmac: Buffer };

export interface ProvenMember {
  member: MemberRow;
  code: GoodCode;
}

/** Password and a code, of an authenticator or for recovery, against what is known of a member. */
export class IdentityProof {
  /** What the code is checked with where there is no secret: as much work, and nobody knows it. */
  readonly #nobody = { workspaceId: randomUUID(), memberId: randomUUID() };
  readonly #nobodysSecret: Buffer;

  constructor(
    private readonly hashes: PasswordHashes,
    private readonly secrets: TotpSecrets,
    private readonly recoveryCodes: RecoveryCodes,
    private readonly members: MemberRows,
  ) {
    this.#nobodysSecret = secrets.seal(this.#nobody, newTotpSecret());
  }

  /** The same work whoever is claimed and whatever is wrong. Throws WrongIdentity, and `sign_in_busy`. */
  async check(workspaceId: string, member: MemberRow | undefined, claimed: ClaimedIdentity): Promise<ProvenMember> {
    const isPassword = await this.hashes.isRight(claimed.password, member?.password_hash ?? undefined);
    const code = this.#goodCode(workspaceId, member, claimed);
    if (!member) throw new WrongIdentity('unknown_member');
    if (member.status !== 'active') throw new WrongIdentity(member.status);
    if (!isPassword) throw new WrongIdentity(member.password_hash === null ? 'no_password' : 'wrong_password');
    if (!code) throw new WrongIdentity(reasonAgainstCode(claimed));
    return { member, code };
  }

  /** In the transaction of what it is for: locks the member, and spends the code. Answers the row as it is then. Throws WrongIdentity. */
  async spend(tx: Queries, workspaceId: string, { member, code }: ProvenMember): Promise<MemberRow> {
    const now = await this.members.findToChange(tx, workspaceId, member.member_id);
    if (!now || !isSignedInAlike(now, member)) throw new WrongIdentity('changed_meanwhile');
    if (code.by === 'totp') {
      if (!(await spendTotpStep(tx, member.member_id, code.step))) throw new WrongIdentity('used_code');
      return now;
    }
    const left = now.recovery_codes.filter((hmac) => !hmac.equals(code.hmac));
    if (left.length === now.recovery_codes.length) throw new WrongIdentity('used_code');
    return this.members.update(tx, workspaceId, { ...now, recovery_codes: left });
  }

  #goodCode(workspaceId: string, member: MemberRow | undefined, { totpCode, recoveryCode }: ClaimedIdentity): GoodCode | undefined {
    const whose = member ? { workspaceId, memberId: member.member_id } : this.#nobody;
    const secret = member?.totp_sealed ? this.secrets.open(whose, member.totp_sealed) : this.#openNobodys();
    const step = totpStep(secret, totpCode ?? '', Date.now());
    const hmac = this.recoveryCodes.find(whose, member?.recovery_codes ?? [], recoveryCode ?? '');
    if (totpCode !== undefined && recoveryCode !== undefined) return undefined;
    if (step !== undefined && member?.totp_sealed) return { by: 'totp', step };
    return hmac && { by: 'recovery_code', hmac };
  }

  #openNobodys(): Buffer {
    return this.secrets.open(this.#nobody, this.#nobodysSecret);
  }
}

function reasonAgainstCode({ totpCode, recoveryCode }: ClaimedIdentity): WrongReason {
  return totpCode === undefined && recoveryCode === undefined ? 'no_code' : 'wrong_code';
}

/** Codes that others have spent in the meantime change nothing about this one. */
function isSignedInAlike(now: MemberRow, checked: MemberRow): boolean {
  const isSecretSame = now.totp_sealed === null ? checked.totp_sealed === null : checked.totp_sealed?.equals(now.totp_sealed) === true;
  return now.status === 'active' && now.password_hash === checked.password_hash && isSecretSame;
}
