import type { Customer, CustomerOrder } from '../harness/customer.js';

export const MAIN = 'us-east-2';
export const REPLICA = 'us-west-2';

/** A departure from the set-up guide, and what the report must say about it. */
export interface BrokenSetUp {
  /** What the customer did. */
  name: string;
  /** What is wrong with it: set-ups with the same fault get the same answer, others another one. */
  fault: string;
  /** A customer of its own, made this way. Without it, one is shared whose role and policies are put right again afterwards. */
  order?: Partial<CustomerOrder>;
  spoil?: (customer: Customer, setting: Setting) => Promise<unknown>;
  /** What is typed in place of the customer's own. */
  type?: (customer: Customer) => Record<string, unknown>;
  /** Failed checks as `check cause Region`. */
  told: string[];
}

export interface Setting {
  principalArn: string;
  /** The account of the service. */
  platformAccountId: string;
  externalId: string;
}

export const ACTIONS = ['DescribeKey', 'GetPublicKey', 'Encrypt', 'Decrypt'] as const;
const CHECKS = { DescribeKey: 'describe_key', GetPublicKey: 'public_key', Encrypt: 'encrypt', Decrypt: 'decrypt' } as const;
const CAUSES = {
  DescribeKey: 'describe_key_not_allowed',
  GetPublicKey: 'get_public_key_not_allowed',
  Encrypt: 'encrypt_not_allowed',
  Decrypt: 'decrypt_not_allowed',
} as const;

const policy = (...statements: object[]): object => ({ Version: '2012-10-17', Statement: statements });
const trusting = (principalArn: string, condition?: object): object =>
  policy({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: principalArn }, ...(condition && { Condition: condition }) });
const idIs = (operator: string, value: string): object => ({ [operator]: { 'sts:ExternalId': value } });
const bothRegions = (check: string): string[] => [`${check} ${MAIN}`, `${check} ${REPLICA}`];

const REFUSED = [`assume_role assume_role_refused ${MAIN}`];

const LENIENT_ROLES: BrokenSetUp[] = [
  {
    name: 'a role that trusts us without a condition',
    fault: 'no external ID',
    spoil: (customer, { principalArn }) => customer.putTrustPolicy(trusting(principalArn)),
    told: ['external_id external_id_not_required'],
  },
  {
    name: 'a role that trusts our account’s root without an external ID',
    fault: 'no external ID',
    spoil: (customer, { platformAccountId }) => customer.putTrustPolicy(trusting(`arn:aws:iam::${platformAccountId}:root`)),
    told: ['external_id external_id_not_required'],
  },
  {
    name: 'a role that looks at an external ID only if one is given',
    fault: 'no external ID',
    spoil: (customer, { principalArn, externalId }) =>
      customer.putTrustPolicy(trusting(principalArn, idIs('StringEqualsIfExists', externalId))),
    told: ['external_id external_id_not_required'],
  },
  {
    name: 'a role that accepts any external ID',
    fault: 'any external ID',
    spoil: (customer, { principalArn }) => customer.putTrustPolicy(trusting(principalArn, idIs('StringLike', '*'))),
    told: ['external_id external_id_any_accepted'],
  },
  {
    name: 'a role that accepts external IDs that begin as ours does',
    fault: 'external ID by pattern',
    spoil: (customer, { principalArn, externalId }) =>
      customer.putTrustPolicy(trusting(principalArn, idIs('StringLike', `${externalId}*`))),
    told: ['external_id external_id_pattern_accepted'],
  },
  {
    name: 'a role that accepts external IDs that end as ours does',
    fault: 'external ID by pattern',
    spoil: (customer, { principalArn, externalId }) =>
      customer.putTrustPolicy(trusting(principalArn, idIs('StringLike', `*${externalId}`))),
    told: ['external_id external_id_pattern_accepted'],
  },
];

/** AWS answers all of these alike, and so must we. */
const CLOSED_ROLES: BrokenSetUp[] = [
  {
    name: 'a role that demands another external ID',
    fault: 'role refuses',
    spoil: (customer, { principalArn }) => customer.putTrustPolicy(trusting(principalArn, idIs('StringEquals', 'another-workspace'))),
    told: REFUSED,
  },
  {
    name: 'a role that trusts somebody else',
    fault: 'role refuses',
    spoil: (customer, { platformAccountId, externalId }) =>
      customer.putTrustPolicy(trusting(`arn:aws:iam::${platformAccountId}:user/keyhold-service`, idIs('StringEquals', externalId))),
    told: REFUSED,
  },
  { name: 'a role that does not exist', fault: 'role refuses', order: {}, spoil: (customer) => customer.deleteRole(), told: REFUSED },
  {
    name: 'a role on another path than was typed',
    fault: 'role refuses',
    type: ({ roleArn }) => ({ roleArn: roleArn.replace(':role/', ':role/security/') }),
    told: REFUSED,
  },
  {
    name: 'the account of somebody else',
    fault: 'role refuses',
    type: ({ accountId, roleArn }) => ({ accountId: '999988887777', roleArn: roleArn.replace(accountId, '999988887777') }),
    told: REFUSED,
  },
];

const allowAll = { Effect: 'Allow', Action: 'kms:*', Resource: '*' };
/** Without permission AWS does not tell that a key is absent. */
const EVERYTHING = policy(allowAll);

const WRONG_KEYS: BrokenSetUp[] = [
  {
    name: 'a symmetric key',
    fault: 'symmetric',
    order: { keySpec: 'SYMMETRIC_DEFAULT' },
    told: bothRegions('describe_key key_spec_not_rsa'),
  },
  {
    name: 'a key for signatures',
    fault: 'for signatures',
    order: { keyUsage: 'SIGN_VERIFY' },
    told: bothRegions('describe_key key_usage_not_encrypt'),
  },
  { name: 'an RSA_2048 key', fault: 'too small', order: { keySpec: 'RSA_2048' }, told: bothRegions('describe_key key_too_small') },
  {
    name: 'a single-Region key',
    fault: 'key ID of another form',
    order: { multiRegion: false },
    told: ['configuration key_id_invalid'],
  },
  { name: 'a key without its replica', fault: 'no replica', order: { noReplica: true }, told: [`describe_key key_not_found ${REPLICA}`] },
  {
    name: 'a primary key in the replica’s Region',
    fault: 'primary elsewhere',
    order: { primaryRegion: REPLICA },
    told: bothRegions('describe_key primary_in_wrong_region'),
  },
  {
    name: 'a primary key in a Region that is not ours',
    fault: 'replica is no replica of main',
    order: { regions: { main: 'eu-west-1', replica: REPLICA }, permissionPolicy: EVERYTHING },
    told: [`describe_key key_not_found ${MAIN}`, `describe_key primary_in_wrong_region ${REPLICA}`],
  },
  {
    name: 'a key in two other Regions',
    fault: 'key nowhere',
    order: { regions: { main: 'eu-west-1', replica: 'eu-central-1' }, permissionPolicy: EVERYTHING },
    told: bothRegions('describe_key key_not_found'),
  },
  {
    name: 'a key ID that nothing has',
    fault: 'key nowhere',
    spoil: (customer) => customer.putPermissionPolicy(EVERYTHING),
    type: () => ({ keyId: `mrk-${'0'.repeat(32)}` }),
    told: bothRegions('describe_key key_not_found'),
  },
  {
    name: 'a key that is disabled in the main Region',
    fault: 'main disabled',
    order: {},
    spoil: (customer) => customer.disableKey(MAIN),
    told: [`describe_key key_disabled ${MAIN}`],
  },
  {
    name: 'a key whose replica is disabled',
    fault: 'replica disabled',
    order: {},
    spoil: (customer) => customer.disableKey(REPLICA),
    told: [`describe_key key_disabled ${REPLICA}`],
  },
  {
    name: 'a key that waits for its deletion until its replica is gone',
    fault: 'main pending deletion',
    order: {},
    spoil: (customer) => customer.scheduleKeyDeletion(MAIN),
    told: [`describe_key key_pending_deletion ${MAIN}`],
  },
  {
    name: 'a replica that is pending deletion',
    fault: 'replica pending deletion',
    order: {},
    spoil: (customer) => customer.scheduleKeyDeletion(REPLICA),
    told: [`describe_key key_pending_deletion ${REPLICA}`],
  },
];

/** All four actions on both keys, but for one action on one of them. */
function allBut({ keyArns: { main, replica } }: Customer, action: string, region: string): object {
  const [arn, otherArn] = region === MAIN ? [main, replica] : [replica, main];
  const all = ACTIONS.map((name) => `kms:${name}`);
  const allowed = all.filter((name) => name !== `kms:${action}`);
  return policy({ Effect: 'Allow', Action: all, Resource: otherArn }, { Effect: 'Allow', Action: allowed, Resource: arn });
}

const MISSING_PERMISSIONS: BrokenSetUp[] = ACTIONS.flatMap((action) =>
  [MAIN, REPLICA].map((region) => ({
    name: `a role that lacks kms:${action} in ${region}`,
    fault: `kms:${action} missing in ${region}`,
    spoil: (customer: Customer) => customer.putPermissionPolicy(allBut(customer, action, region)),
    told: [`${CHECKS[action]} ${CAUSES[action]} ${region}`],
  })),
);

const rootOf = (accountId: string): object => ({ ...allowAll, Principal: { AWS: `arn:aws:iam::${accountId}:root` } });

const POLICIES: BrokenSetUp[] = [
  {
    name: 'a role without any permission',
    fault: 'no permission at all',
    spoil: (customer) => customer.deletePermissionPolicy(),
    told: bothRegions('describe_key describe_key_not_allowed'),
  },
  {
    name: 'an explicit deny in the role’s policy',
    fault: 'decrypt denied everywhere',
    spoil: (customer) => customer.putPermissionPolicy(policy(allowAll, { Effect: 'Deny', Action: 'kms:Decrypt', Resource: '*' })),
    told: [`decrypt explicit_deny ${REPLICA}`, `decrypt explicit_deny ${MAIN}`],
  },
  {
    name: 'an explicit deny in the replica’s key policy',
    fault: 'decrypt denied in the replica’s Region',
    order: {},
    spoil: (customer) => {
      const deny = { Effect: 'Deny', Principal: { AWS: customer.roleArn }, Action: 'kms:Decrypt', Resource: '*' };
      return customer.putKeyPolicy(REPLICA, policy(rootOf(customer.accountId), deny));
    },
    told: [`decrypt explicit_deny ${REPLICA}`],
  },
  {
    name: 'a key policy in the main Region that leaves nothing to the account',
    fault: 'key policy closed in main',
    order: {},
    spoil: (customer, { principalArn }) => customer.putKeyPolicy(MAIN, policy({ ...allowAll, Principal: { AWS: principalArn } })),
    told: [`describe_key key_policy_closed ${MAIN}`],
  },
];

const typed = (name: string, fault: string, cause: string, type: NonNullable<BrokenSetUp['type']>): BrokenSetUp => ({
  name,
  fault,
  type,
  told: [`configuration ${cause}`],
});

const TYPING: BrokenSetUp[] = [
  typed('an account ID of 11 digits', 'account ID', 'account_id_invalid', () => ({ accountId: '11112222333' })),
  typed('an account ID with dashes', 'account ID', 'account_id_invalid', () => ({ accountId: '1111-2222-3333' })),
  typed('a key ARN in place of the key ID', 'key ID of another form', 'key_id_invalid', ({ keyArns }) => ({ keyId: keyArns.main })),
  typed('an alias', 'key ID of another form', 'key_id_invalid', () => ({ keyId: 'alias/keyhold' })),
  typed('a key ID in capitals', 'key ID of another form', 'key_id_invalid', ({ keyId }) => ({ keyId: keyId.toUpperCase() })),
  typed('a user’s ARN', 'role ARN', 'role_arn_invalid', ({ roleArn }) => ({ roleArn: roleArn.replace(':role/', ':user/') })),
  typed('the role of another account', 'accounts differ', 'account_mismatch', ({ accountId, roleArn }) => ({
    roleArn: roleArn.replace(accountId, '999988887777'),
  })),
];

export const BROKEN_SET_UPS: readonly BrokenSetUp[] = [
  ...LENIENT_ROLES,
  ...CLOSED_ROLES,
  ...WRONG_KEYS,
  ...MISSING_PERMISSIONS,
  ...POLICIES,
  ...TYPING,
];
