import { type AwsCaller, provenAwsPrincipal } from '#access';
import { type CallerIdentities, type CallerIdentity, CallerIdentityError, type SignedProof } from '#aws';
import type { AuditedCall } from '#audit';
import { AwsRefusal } from './aws-refusal.js';

/** Somebody whom AWS vouches for. */
export interface ProvenAwsCaller {
  caller: AwsCaller;
  /** The request to STS, as the trail keeps it. */
  call: AuditedCall;
}

/** Has AWS say who made the signature. Throws AwsRefusal. */
export async function proveAwsCaller(identities: CallerIdentities, proof: SignedProof): Promise<ProvenAwsCaller> {
  const identity = await told(identities, proof);
  const call = callOf(identity);
  const principal = provenAwsPrincipal(identity);
  if (!principal) throw new AwsRefusal('unusable_identity', { arn: identity.arn, call });
  const { arn, account, uniqueId } = principal;
  return { caller: { arn, account, uniqueId, accessKeyId: masked(proof.accessKeyId), audienceBound: proof.audienceIsSigned }, call };
}

async function told(identities: CallerIdentities, proof: SignedProof): Promise<CallerIdentity> {
  try {
    return await identities.prove(proof);
  } catch (error) {
    if (error instanceof CallerIdentityError) throw new AwsRefusal(error.code, { cause: error });
    throw error;
  }
}

/** Enough to find it in CloudTrail. */
export const masked = (accessKeyId: string): string => `${accessKeyId.slice(0, 4)}…${accessKeyId.slice(-4)}`;

const callOf = ({ region, stsRequestId }: CallerIdentity): AuditedCall => ({
  service: 'sts',
  operation: 'GetCallerIdentity',
  region,
  outcome: 'ok',
  requestId: stsRequestId,
});
