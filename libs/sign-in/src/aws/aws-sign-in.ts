import type { RequestSource } from '#access';
import { type CallerIdentities, CallerIdentityError, PROOF_RULES, type SignedIdentity, SignedProof } from '#aws';
import type { Database } from '#database';
import type { SignInLimiter } from '#limits';
import { awsAudience } from './aws-audience.js';
import type { AwsProofs, Spending } from './aws-proofs.js';
import { AwsRefusal } from './aws-refusal.js';
import type { AwsSignedIn, OpenAwsSession } from './open-aws-session.js';
import { proveAwsCaller } from './prove-aws-caller.js';
import { recordAwsRefusal } from './record-aws-refusal.js';

/** What the two ways in ask of a signature. The second is for unmodified clients of Cerberus, which know no audience. */
const DOORS = {
  keyhold: { rules: PROOF_RULES.keyhold, use: 'once', audienceIs: 'required' },
  cerberus: { rules: PROOF_RULES.cerberus, use: 'again_from_same_source', audienceIs: 'optional' },
} as const;
export type AwsDoor = keyof typeof DOORS;

export interface AwsSignInOrder {
  door: AwsDoor;
  /** As claimed, a lower-case UUID: there need be no such workspace. */
  workspaceId: string;
  /** Undefined for a request that is none: it is refused and put on record like every other. */
  signed: SignedIdentity | undefined;
  source: RequestSource & { userAgent: string | undefined };
}

/** Signs AWS identities in: who they are is for AWS to say, and whether they have any business here for live grants. */
export class AwsSignIn {
  constructor(
    private readonly database: Database,
    private readonly identities: CallerIdentities,
    private readonly proofs: AwsProofs,
    private readonly openSession: OpenAwsSession,
    private readonly limiter: SignInLimiter,
    private readonly deploymentId: string,
  ) {}

  /**
   * Throws AwsRefusal, `sign_in_refused` or `sign_in_undecided`, after it was put on record; LimitError; DatabaseError. A
   * signature is spent by a session alone: whoever is not answered with one may send it again.
   */
  async run(order: AwsSignInOrder): Promise<AwsSignedIn> {
    const { workspaceId, source } = order;
    // By no account: a signature cannot be guessed, and whoever knows an access key's id could close the way in to its owner.
    const permit = await this.limiter.take({ door: 'aws-sign-in', workspaceId, sourceAddress: source.sourceAddress });
    const proof = readProof(order, this.deploymentId);
    try {
      const signedIn = await this.#signIn(order, proof);
      await evenIfCounted(permit.succeeded());
      return signedIn;
    } catch (error) {
      const isRefused = error instanceof AwsRefusal && error.code === 'sign_in_refused';
      if (!isRefused) await evenIfCounted(permit.undecided());
      if (error instanceof AwsRefusal) await this.#record(order, proof, error);
      throw error;
    }
  }

  async #signIn({ door, workspaceId, source }: AwsSignInOrder, read: SignedProof | AwsRefusal): Promise<AwsSignedIn> {
    if (read instanceof AwsRefusal) throw read;
    const spending: Spending = { workspaceId, proof: read, use: DOORS[door].use, sourceAddress: source.sourceAddress };
    const { audienceIs, isSpent } = await this.database.read({ workspaceId }, (tx) => this.proofs.look(tx, spending));
    if (audienceIs === 'required' && !read.audienceIsSigned) throw new AwsRefusal('audience_not_signed');
    if (isSpent) throw new AwsRefusal('replayed');
    const proven = await proveAwsCaller(this.identities, read);
    return this.openSession.run({ proven, spending, source, details: { door } });
  }

  #record({ door, workspaceId, source }: AwsSignInOrder, read: SignedProof | AwsRefusal, refusal: AwsRefusal): Promise<void> {
    const proof = read instanceof AwsRefusal ? undefined : read;
    return recordAwsRefusal(this.database, { workspaceId, source, proof, details: { door } }, refusal);
  }
}

/** Asks nobody; what is wrong with it is told once a place on record is sure. */
function readProof({ door, workspaceId, signed }: AwsSignInOrder, deploymentId: string): SignedProof | AwsRefusal {
  if (!signed) return new AwsRefusal('malformed');
  const { rules, audienceIs } = DOORS[door];
  try {
    return SignedProof.read(signed, { rules, audienceIs, audience: awsAudience(deploymentId, workspaceId), now: Date.now() });
  } catch (error) {
    if (error instanceof CallerIdentityError) return new AwsRefusal(error.code, { cause: error });
    throw error;
  }
}

/** A try that stays counted is no reason to take back what was decided. */
const evenIfCounted = (settling: Promise<void>): Promise<void> => settling.catch(() => undefined);
