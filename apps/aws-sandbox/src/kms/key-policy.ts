import { type IamState } from '../iam/iam-state.js';
import { MalformedPolicy } from '../iam/malformed-policy.js';
import { parsePolicy, type PolicyDocument, policySize } from '../iam/policy-document.js';
import { AwsJsonError } from '../wire/aws-json.js';

const POLICY_CHARACTERS_MAX = 32 * 1024;

/** What a key gets that is created without a policy: its account decides by IAM policies. */
export const defaultKeyPolicy = (accountId: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Id: 'key-default-1',
    Statement: [
      {
        Sid: 'Enable IAM User Permissions',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${accountId}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  });

/** @throws AwsJsonError MalformedPolicyDocumentException or LimitExceededException */
export function parseKeyPolicy(iam: IamState, text: string): PolicyDocument {
  if (policySize(text) > POLICY_CHARACTERS_MAX) {
    throw new AwsJsonError('LimitExceededException', `The key policy is longer than ${POLICY_CHARACTERS_MAX} characters.`);
  }
  try {
    return parsePolicy(text, 'key', iam);
  } catch (error) {
    if (error instanceof MalformedPolicy) throw new AwsJsonError('MalformedPolicyDocumentException', error.message);
    throw error;
  }
}
