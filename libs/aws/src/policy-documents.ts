export interface PolicyStatement {
  Sid?: string;
  Effect: 'Allow';
  Principal?: { AWS: string };
  Action: string | readonly string[];
  Resource?: readonly string[];
  Condition?: { StringEquals: Readonly<Record<string, string>> };
}

export interface PolicyDocument {
  Version: '2012-10-17';
  Statement: readonly PolicyStatement[];
}

/** The trust policy of the customer's role: our role and nobody else, and only when it names this workspace. */
export function trustPolicy({ principalArn, externalId }: { principalArn: string; externalId: string }): PolicyDocument {
  return policy({
    Effect: 'Allow',
    Principal: { AWS: principalArn },
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'sts:ExternalId': externalId } },
  });
}

/** The inline policy of the customer's role. `keyArns`: main Region first. */
export function permissionPolicy({ keyArns }: { keyArns: readonly string[] }): PolicyDocument {
  return policy({
    Sid: 'AllowKeyholdToUseKmsKey',
    Effect: 'Allow',
    Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:GetPublicKey', 'kms:DescribeKey'],
    Resource: keyArns,
  });
}

/**
 * What a session of ours can do at most, however broad the customer's role is. Two statements, because requests that encrypt
 * nothing have no `kms:EncryptionAlgorithm`.
 */
export function sessionPolicy({ keyArns }: { keyArns: readonly string[] }): PolicyDocument {
  return policy(
    {
      Effect: 'Allow',
      Action: ['kms:Encrypt', 'kms:Decrypt'],
      Resource: keyArns,
      Condition: { StringEquals: { 'kms:EncryptionAlgorithm': 'RSAES_OAEP_SHA_256' } },
    },
    { Effect: 'Allow', Action: ['kms:GetPublicKey', 'kms:DescribeKey'], Resource: keyArns },
  );
}

function policy(...statements: PolicyStatement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements };
}
