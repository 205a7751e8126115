/** `Arn`: how ARNs of the customer's account are written; a template refers to what it makes. */
export interface PolicyStatement<Arn = string> {
  Sid?: string;
  Effect: 'Allow';
  Principal?: { AWS: Arn };
  Action: string | readonly string[];
  Resource?: string | readonly Arn[];
  Condition?: { StringEquals: Readonly<Record<string, string>> };
}

export interface PolicyDocument<Arn = string> {
  Version: '2012-10-17';
  Statement: readonly PolicyStatement<Arn>[];
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
export function permissionPolicy<Arn>({ keyArns }: { keyArns: readonly Arn[] }): PolicyDocument<Arn> {
  return policy({
    Sid: 'AllowKeyholdToUseKmsKey',
    Effect: 'Allow',
    Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:GetPublicKey', 'kms:DescribeKey'],
    Resource: keyArns,
  });
}

/** The policy of the key, in each Region: IAM policies of the customer's own account decide, and nobody else is named. */
export function keyPolicy<Arn>({ accountRootArn }: { accountRootArn: Arn }): PolicyDocument<Arn> {
  return policy({ Sid: 'LetIamPoliciesDecide', Effect: 'Allow', Principal: { AWS: accountRootArn }, Action: 'kms:*', Resource: '*' });
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

function policy<Arn>(...statements: PolicyStatement<Arn>[]): PolicyDocument<Arn> {
  return { Version: '2012-10-17', Statement: statements };
}
