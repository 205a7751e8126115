import { deflateRawSync } from 'node:zlib';
import { MalformedPolicy } from '../iam/malformed-policy.js';
import { parsePolicy, type PolicyDocument } from '../iam/policy-document.js';
import { AwsQueryError } from '../wire/aws-query.js';

export interface SessionPolicy {
  document: PolicyDocument;
  /** Per cent of the space AWS has for packed session policies. */
  packedSize: number;
}

/** AWS packs session policies in a way it does not publish; compression comes near the sizes it reports. */
const PACKED_BYTES_MAX = 1024;

/** @throws AwsQueryError MalformedPolicyDocument or PackedPolicyTooLarge */
export function readSessionPolicy(text: string): SessionPolicy {
  const packedSize = Math.ceil((deflateRawSync(text).length * 100) / PACKED_BYTES_MAX);
  if (packedSize > 100) {
    throw new AwsQueryError(
      'PackedPolicyTooLarge',
      400,
      `Packed policy consumes ${packedSize}% of allotted space, please use smaller policy.`,
    );
  }
  try {
    return { document: parsePolicy(text, 'session'), packedSize };
  } catch (error) {
    if (error instanceof MalformedPolicy) throw new AwsQueryError('MalformedPolicyDocument', 400, error.message);
    throw error;
  }
}
