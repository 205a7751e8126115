import type { AwsError, AwsErrorCode } from '#aws';
import type { Failure } from './causes.js';

/** The cause of what AWS answered, or did not. */
export function failureOf(error: AwsError): Failure {
  return BY_CODE[error.code](error);
}

const BY_CODE: Readonly<Record<AwsErrorCode, (error: AwsError) => Failure>> = {
  'could-not-ask': ({ facts }) => (facts.service === 'sts' ? 'sts_unreachable' : 'region_unreachable'),
  throttled: ({ facts }) => (facts.service === 'sts' ? 'sts_unreachable' : 'throttled'),
  passing: ({ facts }) => (facts.service === 'sts' ? 'sts_unreachable' : 'key_not_ready'),
  'expired-credentials': ({ facts }) => (facts.service === 'sts' ? 'platform_identity_unusable' : 'session_not_accepted'),
  refused: (error) => (error.facts.service === 'sts' ? roleRefusal(error) : keyRefusal(error)),
  'pending-deletion': () => 'key_pending_deletion',
  ours: () => 'answer_not_intact',
  busy: () => 'busy',
  platform: () => 'platform_identity_unusable',
  bad_options: () => 'platform_identity_unusable',
};

function roleRefusal({ facts }: AwsError): Failure {
  return facts.awsError === 'RegionDisabledException' ? 'sts_region_disabled' : 'assume_role_refused';
}

const BY_REFUSAL: ReadonlyMap<string, Failure> = new Map([
  ['NotFoundException', 'key_not_found'],
  ['InvalidArnException', 'key_not_found'],
  ['DisabledException', 'key_disabled'],
  ['KMSInvalidStateException', 'key_not_usable'],
  ['InvalidKeyUsageException', 'key_usage_not_encrypt'],
  ['UnsupportedOperationException', 'key_spec_not_rsa'],
  ['OptInRequired', 'aws_account_not_usable'],
  ['SubscriptionRequiredException', 'aws_account_not_usable'],
]);

const BY_OPERATION: ReadonlyMap<string, Failure> = new Map([
  ['DescribeKey', 'describe_key_not_allowed'],
  ['GetPublicKey', 'get_public_key_not_allowed'],
  ['Encrypt', 'encrypt_not_allowed'],
  ['Decrypt', 'decrypt_not_allowed'],
]);

function keyRefusal({ facts: { awsError = '', operation = '', denial } }: AwsError): Failure {
  if (awsError !== 'AccessDeniedException') return BY_REFUSAL.get(awsError) ?? 'refused_by_aws';
  if (denial === 'explicit_deny') return 'explicit_deny';
  if (denial === 'key_policy') return 'key_policy_closed';
  return BY_OPERATION.get(operation) ?? 'refused_by_aws';
}
