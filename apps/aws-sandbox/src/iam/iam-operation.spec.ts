import { beforeEach, describe, expect, it } from '@jest/globals';
import { IamApi } from './testing/iam-api.js';
import { CUSTOMER, policyText, VENDOR } from './testing/two-accounts.js';

const TRUST = policyText({ Effect: 'Allow', Principal: { AWS: VENDOR }, Action: 'sts:AssumeRole' });
const INLINE = policyText({ Effect: 'Allow', Action: ['kms:Decrypt'], Resource: '*' });
const BYOK = { RoleName: 'Byok', AssumeRolePolicyDocument: TRUST };

let iam: IamApi;
beforeEach(() => {
  iam = new IamApi();
});

describe('a caller', () => {
  it('needs iam permission on the very resource', () => {
    const clerk = iam.accounts.asUser(
      iam.accounts.user(CUSTOMER, 'clerk', [{ Effect: 'Allow', Action: 'iam:*Role', Resource: `arn:aws:iam::${CUSTOMER}:role/keyhold/*` }]),
    );
    const denied = (action: string, resource: string) =>
      `AccessDenied 403 User: ${clerk.arn} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;
    expect(iam.refusal('CreateRole', { ...BYOK, Path: '/keyhold/' }, clerk)).toBe('done');
    expect(iam.refusal('GetRole', { RoleName: 'Byok' }, clerk)).toBe('done');
    expect(iam.refusal('CreateRole', { ...BYOK, RoleName: 'Other' }, clerk)).toBe(
      denied('iam:CreateRole', `arn:aws:iam::${CUSTOMER}:role/Other`),
    );
    expect(iam.refusal('GetRole', { RoleName: 'Missing' }, clerk)).toBe(denied('iam:GetRole', `arn:aws:iam::${CUSTOMER}:role/Missing`));
    expect(iam.refusal('ListRoles', {}, clerk)).toBe(denied('iam:ListRoles', `arn:aws:iam::${CUSTOMER}:role/`));
    expect(iam.refusal('CreateAccessKey', {}, clerk)).toBe(denied('iam:CreateAccessKey', clerk.arn));
  });

  it('reaches nothing of another account', () => {
    iam.accounts.role(CUSTOMER, 'Byok');
    expect(iam.refusal('GetRole', { RoleName: 'Byok' }, iam.accounts.asRoot(VENDOR))).toBe(
      'NoSuchEntity 404 The role with name Byok cannot be found.',
    );
  });

  it('whose session policy leaves iam out is refused', () => {
    const admin = iam.accounts.role(CUSTOMER, 'admin', { identity: [{ Effect: 'Allow', Action: '*', Resource: '*' }] });
    const session = iam.accounts.session(admin, { sessionPolicy: [{ Effect: 'Allow', Action: 'kms:*', Resource: '*' }] });
    expect(iam.refusal('ListRoles', {}, iam.accounts.session(admin))).toBe('done');
    expect(iam.refusal('ListRoles', {}, session)).toContain('because no session policy allows the iam:ListRoles action');
  });
});

describe('a request is refused', () => {
  const at = (constraint: string) => `ValidationError 400 1 validation error detected: Value at ${constraint}`;
  it.each([
    ['GetRole', {}, at("'roleName' failed to satisfy constraint: Member must not be null")],
    ['GetRole', { RoleName: '' }, at("'roleName' failed to satisfy constraint: Member must have length greater than or equal to 1")],
    [
      'GetRole',
      { RoleName: 'a'.repeat(65) },
      at("'roleName' failed to satisfy constraint: Member must have length less than or equal to 64"),
    ],
    ['GetRole', { RoleName: 'a/b' }, 'ValidationError 400 The specified value for roleName is invalid.'],
    ['CreateRole', { RoleName: 'Byok' }, at("'assumeRolePolicyDocument' failed to satisfy constraint: Member must not be null")],
    ['CreateRole', { ...BYOK, Path: 'keyhold' }, 'ValidationError 400 The specified value for path is invalid.'],
    [
      'CreateRole',
      { ...BYOK, MaxSessionDuration: '3599' },
      at("'maxSessionDuration' failed to satisfy constraint: Member must have value greater"),
    ],
    [
      'CreateRole',
      { ...BYOK, MaxSessionDuration: '43201' },
      at("'maxSessionDuration' failed to satisfy constraint: Member must have value less"),
    ],
    ['CreateRole', { ...BYOK, MaxSessionDuration: '1h' }, 'MalformedInput 400 '],
    [
      'CreateRole',
      { ...BYOK, 'Tags.member.1.Key': 'a' },
      'ValidationError 400 The sandbox does not support the parameter Tags.member.1.Key.',
    ],
    ['CreateRole', { ...BYOK, AssumeRolePolicyDocument: '{' }, 'MalformedPolicyDocument 400 This policy contains invalid Json'],
    [
      'CreateRole',
      { ...BYOK, AssumeRolePolicyDocument: TRUST.replace('{"Version"', `{"Id":"${'x'.repeat(2048)}","Version"`) },
      'LimitExceeded 409 Cannot exceed quota for ACLSizePerRole: 2048',
    ],
    [
      'PutRolePolicy',
      { RoleName: 'Byok', PolicyName: 'a b', PolicyDocument: INLINE },
      'ValidationError 400 The specified value for policyName is invalid.',
    ],
  ])('%s %j', (operation, params, expected) => {
    expect(iam.refusal(operation, params).slice(0, expected.length)).toBe(expected);
  });
});
