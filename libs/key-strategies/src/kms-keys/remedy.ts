import type { Failure, Warning } from './causes.js';

/** What a remedy may speak of. Nothing here is secret. */
export interface RemedyFacts {
  region?: string;
  main?: string;
  replica?: string;
  accountId?: string;
  keyArn?: string;
  roleArn?: string;
  principalArn?: string;
  externalId?: string;
  /** `kms:Encrypt`, say. */
  action?: string;
}

type Remedy = (facts: RemedyFacts) => string;

/** One sentence or two per cause, for the administrator: what to change, and where. */
const REMEDIES: Readonly<Record<Failure | Warning, Remedy>> = {
  config_invalid: () => 'Give exactly accountId, keyId and roleArn.',
  unknown_field: () => 'Give accountId, keyId and roleArn and no other field; Regions are set by the deployment.',
  account_id_invalid: () => 'Give the AWS account ID as 12 digits without spaces or dashes.',
  key_id_invalid: () => 'Give the key ID of a multi-Region key, mrk- and 32 lower-case hexadecimal digits; neither an ARN nor an alias.',
  role_arn_invalid: () => 'Give the full ARN of the role: arn:aws:iam::<account ID>:role/<role name>.',
  account_mismatch: () =>
    'The role ARN names another account than the account ID. Key and role must belong to one account: correct one of the two.',

  external_id_not_required: ({ roleArn, externalId }) =>
    `The trust policy of ${role(roleArn)} lets us in without an external ID. Require it: Condition StringEquals sts:ExternalId "${id(externalId)}".`,
  external_id_any_accepted: ({ roleArn, externalId }) =>
    `The trust policy of ${role(roleArn)} accepts any external ID. Require exactly this one: Condition StringEquals sts:ExternalId "${id(externalId)}".`,
  external_id_pattern_accepted: ({ roleArn, externalId }) =>
    `The trust policy of ${role(roleArn)} accepts external IDs that merely resemble yours. Use StringEquals without wildcards: sts:ExternalId "${id(externalId)}".`,
  external_id_proof_not_possible: () =>
    'AWS STS could not be asked whether the role refuses a wrong external ID, so this is not proved. Try again later; nothing need be changed.',
  assume_role_refused: ({ roleArn, principalArn, externalId }) =>
    `AWS refuses for one of three reasons and does not say which. (1) External ID: the trust policy of ${role(roleArn)} must require sts:ExternalId "${id(externalId)}"; ` +
    `look for a placeholder left in it. (2) Permission: it must allow sts:AssumeRole to the principal ${principalArn ?? 'of this service'}. ` +
    '(3) The role: it must exist under exactly this ARN, path included.',
  sts_region_disabled: ({ accountId, region }) =>
    `AWS STS is switched off in ${place(region)} for account ${accountId ?? 'of the key'}. Activate it under IAM > Account settings > Endpoints.`,
  caller_account_mismatch: ({ accountId }) =>
    `The role acts in another account than ${accountId ?? 'the one given'}. Give the account that owns key and role.`,
  sts_unreachable: () => 'AWS STS could not be asked in time in either Region. Try again later; nothing need be changed.',
  platform_identity_unusable: () =>
    'This service could not take on its own AWS identity. Tell its operator; nothing need be changed in your account.',

  key_not_found: ({ region, replica, keyArn }) =>
    region !== undefined && region === replica
      ? `There is no replica ${keyArn ?? ''} in ${region}. Open the main key > Regionality > Create new replica keys > ${region}.`
      : `There is no key ${keyArn ?? ''} in ${place(region)}. Check key ID and account; the key must have been created in ${place(region)}.`,
  key_disabled: ({ region }) => `The key is disabled in ${place(region)}. Enable it there if it is meant to be used.`,
  key_pending_deletion: ({ region }) =>
    `The key is scheduled for deletion in ${place(region)}. Cancel the deletion there and then enable the key: cancelling leaves it disabled. After the waiting period everything sealed under it is lost.`,
  key_not_usable: ({ region }) =>
    `The key cannot be used in ${place(region)} in its present state. Look at its status there; imported key material may be missing or expired.`,
  key_not_ready: ({ region }) => `The key is still being created or changed in ${place(region)}. Try again in a minute.`,
  key_usage_not_encrypt: ({ region }) =>
    `The key in ${place(region)} was made for another use. Create an asymmetric key with usage "Encrypt and decrypt".`,
  key_spec_not_rsa: ({ region }) =>
    `The key in ${place(region)} is not an RSA key. Create an asymmetric multi-Region key with spec RSA_4096.`,
  key_too_small: ({ region }) => `The key in ${place(region)} is RSA_2048, which is too small. Create one with spec RSA_4096.`,
  key_not_multi_region: ({ region }) =>
    `The key in ${place(region)} is a single-Region key and cannot be converted. Create one with regionality "Multi-Region key".`,
  primary_in_wrong_region: ({ main, replica }) =>
    `The primary key must be in ${place(main)} and its replica in ${place(replica)}. Change the primary Region of the key to ${place(main)}.`,
  public_key_unusable: ({ region }) =>
    `The public key in ${place(region)} is not the RSA key that the key's description promises. Create a new key.`,
  public_keys_differ: ({ main, replica }) =>
    `${place(main)} and ${place(replica)} hold different keys under one key ID. Create a new key and replicate it.`,
  public_key_changed: ({ region }) =>
    `The public key in ${place(region)} is not the one that was registered. A KMS key never changes its public key: treat this as an incident and contact support.`,
  round_trip_mismatch: ({ region }) => `What was encrypted did not come back when it was decrypted in ${place(region)}. Contact support.`,

  describe_key_not_allowed: notAllowed,
  get_public_key_not_allowed: notAllowed,
  encrypt_not_allowed: notAllowed,
  decrypt_not_allowed: notAllowed,
  key_policy_closed: ({ action, region, roleArn, accountId }) =>
    `The key policy in ${place(region)} leaves no room for ${action ?? 'this action'}. There, allow it to ${role(roleArn)}, or restore the statement that lets IAM policies of account ${accountId ?? ''} decide. Each Region has a key policy of its own.`,
  explicit_deny: ({ action, region, roleArn }) =>
    `A policy explicitly denies ${action ?? 'this action'} to ${role(roleArn)} in ${place(region)}. Look for a Deny statement in the key policy there, in the role's policies and in the organisation's.`,
  aws_account_not_usable: ({ accountId, region }) =>
    `Account ${accountId ?? ''} is not subscribed to AWS KMS in ${place(region)}, or is suspended. Settle this with AWS.`,
  refused_by_aws: ({ region }) => `AWS KMS refused in ${place(region)}. The AWS error name says why.`,

  region_unreachable: ({ region }) => `AWS KMS in ${place(region)} could not be asked in time. Try again later; nothing need be changed.`,
  throttled: ({ region }) =>
    `The account's quota of RSA operations in ${place(region)} is used up at the moment. Try again, or ask AWS for a higher quota.`,
  busy: () => 'Too many calls for this vault are under way. Try again shortly.',
  session_not_accepted: ({ region }) =>
    `AWS in ${place(region)} did not accept a session that AWS STS had just issued. Try again in a minute.`,
  answer_not_intact: ({ region }) => `The answer from ${place(region)} was not about this key. Nothing need be changed; contact support.`,

  key_spec_rsa_3072: () => 'The key is RSA_3072. It works; RSA_4096 is recommended for new keys.',
  key_material_imported: () =>
    'The key material is imported. It works; whoever keeps the original must never lose it, and it may have an end date.',
};

export function remedyFor(cause: Failure | Warning, facts: RemedyFacts): string {
  return REMEDIES[cause](facts);
}

function notAllowed({ action, region, roleArn, keyArn }: RemedyFacts): string {
  return (
    `Allow ${action ?? 'the action'} on ${keyArn ?? `the key in ${place(region)}`} in the permission policy of ${role(roleArn)}. ` +
    `If the key policy in ${place(region)} was replaced, it must allow the role too.`
  );
}

function place(region: string | undefined): string {
  return region ?? 'the Region';
}

function role(roleArn: string | undefined): string {
  return roleArn ?? 'the role';
}

function id(externalId: string | undefined): string {
  return externalId ?? 'of your workspace';
}
