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

/**
 * The key policy of a key that Keyhold made: two roles of the platform's account and nobody else. One uses it and cannot change
 * it, the other changes it and cannot use it. The account's root is not named, so that no IAM policy of the account opens the
 * key. KMS takes such a policy because whoever creates the key, the administrator, may put another one.
 */
export function managedKeyPolicy({ userRoleArn, administratorRoleArn }: ManagedKeyRoles): PolicyDocument {
  const use = { Principal: { AWS: userRoleArn }, Resource: ['*'] };
  return policy(
    {
      Sid: 'KeyholdWrapsAndUnwraps',
      Effect: 'Allow',
      ...use,
      Action: ['kms:Encrypt', 'kms:Decrypt'],
      Condition: { StringEquals: { 'kms:EncryptionAlgorithm': 'RSAES_OAEP_SHA_256' } },
    },
    { Sid: 'KeyholdChecks', Effect: 'Allow', ...use, Action: ['kms:DescribeKey', 'kms:GetPublicKey'] },
    {
      Sid: 'KeyholdAdministers',
      Effect: 'Allow',
      Principal: { AWS: administratorRoleArn },
      Action: ADMINISTRATION,
      Resource: ['*'],
    },
  );
}

export interface ManagedKeyRoles {
  readonly userRoleArn: string;
  readonly administratorRoleArn: string;
}

/** All that it takes to make a key, to end it, and to change its policy should the roles ever change. */
const ADMINISTRATION = [
  'kms:CancelKeyDeletion',
  'kms:CreateAlias',
  'kms:DescribeKey',
  'kms:EnableKey',
  'kms:GetKeyPolicy',
  'kms:ListResourceTags',
  'kms:PutKeyPolicy',
  'kms:ReplicateKey',
  'kms:ScheduleKeyDeletion',
] as const;

function policy<Arn>(...statements: PolicyStatement<Arn>[]): PolicyDocument<Arn> {
  return { Version: '2012-10-17', Statement: statements };
}
