import { argon2 } from 'node:crypto';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type MemberRow, MemberRows, RowMacs } from '#access';
import { RootKey } from '#envelope';
import { type ClaimedIdentity, IdentityProof } from './identity-proof.js';
import { type Argon2, PasswordHashes } from './password-hashes.js';
import { RecoveryCodes } from './recovery-codes.js';
import { TotpSecrets } from './totp-secrets.js';

const ACME = '0197a000-0000-7000-8000-00000000000a';
const ADA = '0197a000-0000-7000-8000-00000000000b';
const PASSWORD = 'violet kettle under the pier';
const rootKey = RootKey.fromBytes(Buffer.alloc(32, 1));
const derive: Argon2 = promisify(argon2);

/** The proof, and how many hashes it has computed at what cost. */
class World {
  readonly derived: string[] = [];
  readonly recoveryCodes = new RecoveryCodes(rootKey);
  readonly #hashes = new PasswordHashes(rootKey, (algorithm, parameters) => {
    const { memory, passes, parallelism, tagLength } = parameters;
    this.derived.push(`${algorithm} ${memory} ${passes} ${parallelism} ${tagLength}`);
    return derive(algorithm, parameters);
  });
  readonly #secrets = new TotpSecrets(rootKey);
  readonly #proof = new IdentityProof(this.#hashes, this.#secrets, this.recoveryCodes, new MemberRows(new RowMacs(rootKey)));
  readonly codes = this.recoveryCodes.mint({ workspaceId: ACME, memberId: ADA });

  async member(deviations: Partial<MemberRow> = {}): Promise<MemberRow> {
    return {
      member_id: ADA,
      email: 'ada@acme.example',
      name: 'Ada',
      role: 'user',
      status: 'active',
      password_hash: await this.#hashes.hash(PASSWORD),
      totp_sealed: this.#secrets.seal({ workspaceId: ACME, memberId: ADA }, Buffer.alloc(20, 1)),
      recovery_codes: this.codes.hmacs,
      invitation_sha256: null,
      invitation_expires_at: null,
      invited_by: null,
      mac: Buffer.alloc(32),
      created_at: new Date(),
      updated_at: new Date(),
      ...deviations,
    };
  }

  /** What came of it, and the hashes that it took. */
  async check(member: MemberRow | undefined, claimed: Partial<ClaimedIdentity> = {}): Promise<{ outcome: string; derived: string[] }> {
    this.derived.length = 0;
    const identity = { password: PASSWORD, recoveryCode: this.codes.codes[0], ...claimed };
    const outcome = await this.#proof.check(ACME, member, identity).then(
      () => 'right',
      (error: unknown) => String((error as { reason?: string }).reason),
    );
    return { outcome, derived: [...this.derived] };
  }
}

describe('whether somebody is who they say', () => {
  const world = new World();
  let ada: MemberRow;
  beforeAll(async () => {
    ada = await world.member();
  });

  interface Case {
    outcome: string;
    member: () => MemberRow | undefined;
    claimed?: Partial<ClaimedIdentity>;
  }
  const withoutSecrets = () => ({ ...ada, password_hash: null, totp_sealed: null, recovery_codes: [] });
  const CASES: readonly Case[] = [
    { outcome: 'right', member: () => ada },
    { outcome: 'unknown_member', member: () => undefined },
    { outcome: 'invited', member: () => ({ ...withoutSecrets(), status: 'invited' }) },
    { outcome: 'suspended', member: () => ({ ...ada, status: 'suspended' }) },
    { outcome: 'reset', member: () => ({ ...withoutSecrets(), status: 'reset' }) },
    { outcome: 'no_password', member: withoutSecrets },
    { outcome: 'wrong_password', member: () => ada, claimed: { password: 'violet kettle over the pier' } },
    { outcome: 'wrong_code', member: () => ada, claimed: { recoveryCode: '0000-0000-0000-0000' } },
    { outcome: 'wrong_code', member: () => ada, claimed: { totpCode: '000000' } },
    { outcome: 'no_code', member: () => ada, claimed: { recoveryCode: undefined } },
  ];

  test.each(CASES)('is found out by one hash of the same cost, and no other: $outcome, $claimed', async ({ outcome, member, claimed }) => {
    expect(await world.check(member(), claimed)).toEqual({ outcome, derived: ['argon2id 19456 2 1 32'] });
  });
});
