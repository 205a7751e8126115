import { beforeEach, describe, expect, it } from '@jest/globals';
import { AwsQueryError, queryAnswer, type QueryResult } from '../wire/aws-query.js';
import { type Caller } from './caller.js';
import { iamOperations } from './iam-operations.js';
import { parsePolicy } from './policy-document.js';
import { CUSTOMER, NOW, policyText, TwoAccounts, VENDOR } from './testing/two-accounts.js';

const TRUST = policyText({ Effect: 'Allow', Principal: { AWS: VENDOR }, Action: 'sts:AssumeRole' });
const INLINE = policyText({ Effect: 'Allow', Action: ['kms:Decrypt'], Resource: '*' });

let accounts: TwoAccounts;
let root: Caller;
beforeEach(() => {
  accounts = new TwoAccounts();
  root = accounts.asRoot(CUSTOMER);
});

function call(Action: string, params: Record<string, string> = {}, caller: Caller = root): QueryResult {
  const operation = iamOperations[Action];
  if (operation === undefined) throw new Error(`no operation ${Action}`);
  return operation({
    caller,
    params: new URLSearchParams({ Action, Version: '2010-05-08', ...params }),
    now: NOW,
    state: accounts.state,
    requestId: 'a3f0c1de-0000-4000-8000-000000000000',
    region: 'us-east-1',
    sourceIp: '127.0.0.1',
  });
}

function refusal(Action: string, params: Record<string, string> = {}, caller: Caller = root): string {
  try {
    call(Action, params, caller);
  } catch (error) {
    if (error instanceof AwsQueryError) return `${error.code} ${error.status} ${error.message}`;
    throw error;
  }
  return 'done';
}

const BYOK = { RoleName: 'Byok', AssumeRolePolicyDocument: TRUST };
const member = (result: QueryResult, name: string): unknown => result?.[name];
const decoded = (text: unknown): string => decodeURIComponent(String(text));

describe('a role', () => {
  it('is created, shown and deleted', () => {
    const created = member(
      call('CreateRole', { ...BYOK, Path: '/keyhold/', Description: 'for Keyhold', MaxSessionDuration: '7200' }),
      'Role',
    );
    expect(created).toEqual({
      Path: '/keyhold/',
      RoleName: 'Byok',
      RoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}$/),
      Arn: `arn:aws:iam::${CUSTOMER}:role/keyhold/Byok`,
      CreateDate: '2026-01-01T12:00:00Z',
      AssumeRolePolicyDocument: encodeURIComponent(TRUST.replace(VENDOR, `arn:aws:iam::${VENDOR}:root`)),
      Description: 'for Keyhold',
      MaxSessionDuration: 7200,
    });
    expect(member(call('GetRole', { RoleName: 'Byok' }), 'Role')).toEqual(created);
    expect(call('DeleteRole', { RoleName: 'Byok' })).toBeUndefined();
    expect(refusal('GetRole', { RoleName: 'Byok' })).toBe('NoSuchEntity 404 The role with name Byok cannot be found.');
  });

  it('has a path and a session duration by default', () => {
    expect(member(call('CreateRole', BYOK), 'Role')).toMatchObject({ Path: '/', MaxSessionDuration: 3600, Description: undefined });
  });

  it('keeps its name to itself, whatever the case', () => {
    call('CreateRole', BYOK);
    expect(refusal('CreateRole', { ...BYOK, RoleName: 'BYOK' })).toBe('EntityAlreadyExists 409 Role with name BYOK already exists.');
  });

  it('is not deleted with its policies', () => {
    call('CreateRole', BYOK);
    call('PutRolePolicy', { RoleName: 'Byok', PolicyName: 'use-key', PolicyDocument: INLINE });
    expect(refusal('DeleteRole', { RoleName: 'Byok' })).toBe('DeleteConflict 409 Cannot delete entity, must delete policies first.');
    call('DeleteRolePolicy', { RoleName: 'Byok', PolicyName: 'use-key' });
    expect(refusal('DeleteRole', { RoleName: 'Byok' })).toBe('done');
  });

  it('is listed by path in its own account', () => {
    call('CreateRole', { ...BYOK, Path: '/keyhold/' });
    call('CreateRole', { ...BYOK, RoleName: 'Other' });
    accounts.role(VENDOR, 'foreign');
    const names = (params = {}) => member(call('ListRoles', params), 'Roles');
    expect(names()).toMatchObject([{ RoleName: 'Byok' }, { RoleName: 'Other' }]);
    expect(names({ PathPrefix: '/keyhold/' })).toMatchObject([{ RoleName: 'Byok' }]);
  });

  it('trusts whom it is told to trust last', () => {
    call('CreateRole', BYOK);
    const trust = policyText({ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' });
    expect(call('UpdateAssumeRolePolicy', { RoleName: 'Byok', PolicyDocument: trust })).toBeUndefined();
    const shown = member(call('GetRole', { RoleName: 'Byok' }), 'Role') as Record<string, unknown>;
    expect(decoded(shown.AssumeRolePolicyDocument)).toBe(trust);
  });

  it('keeps the old trust when the new one is refused', () => {
    call('CreateRole', BYOK);
    const before = call('GetRole', { RoleName: 'Byok' });
    const trust = TRUST.replace(VENDOR, `arn:aws:iam::${VENDOR}:role/missing`);
    expect(refusal('UpdateAssumeRolePolicy', { RoleName: 'Byok', PolicyDocument: trust })).toBe(
      `MalformedPolicyDocument 400 Invalid principal in policy: "AWS":"arn:aws:iam::${VENDOR}:role/missing"`,
    );
    expect(call('GetRole', { RoleName: 'Byok' })).toEqual(before);
  });

  it('that trusts a deleted role shows that role’s unique id', () => {
    const service = accounts.role(VENDOR, 'service');
    call('CreateRole', { ...BYOK, AssumeRolePolicyDocument: TRUST.replace(VENDOR, service.arn) });
    accounts.state.deleteRole(service);
    accounts.role(VENDOR, 'service');
    const shown = member(call('GetRole', { RoleName: 'Byok' }), 'Role') as Record<string, unknown>;
    expect(decoded(shown.AssumeRolePolicyDocument)).toBe(TRUST.replace(VENDOR, service.roleId));
  });
});

describe.each([
  ['role', 'RoleName', 10_240],
  ['user', 'UserName', 2048],
])('an inline policy of a %s', (noun, nameParameter, quota) => {
  const owner = { [nameParameter]: 'Byok' };
  const operation = (verb: string) => `${verb}${noun === 'role' ? 'Role' : 'User'}Policy`;
  beforeEach(() => {
    if (noun === 'role') accounts.role(CUSTOMER, 'Byok');
    else accounts.user(CUSTOMER, 'Byok');
  });

  it('is kept as it was written, to the letter', () => {
    const text = INLINE.replace('"*"', '[ "*", "arn:aws:kms:*:*:key/(!\'x)" ]');
    call(operation('Put'), { ...owner, PolicyName: 'use-key', PolicyDocument: text });
    const shown = call(operation('Get'), { ...owner, PolicyName: 'use-key' });
    expect(shown).toMatchObject({ ...owner, PolicyName: 'use-key' });
    expect(member(shown, 'PolicyDocument')).not.toMatch(/[!'()* ]/);
    expect(decoded(member(shown, 'PolicyDocument'))).toBe(text);
  });

  it('replaces the one of the same name', () => {
    call(operation('Put'), { ...owner, PolicyName: 'a', PolicyDocument: INLINE });
    const other = INLINE.replace('Decrypt', 'Encrypt');
    call(operation('Put'), { ...owner, PolicyName: 'a', PolicyDocument: other });
    expect(decoded(member(call(operation('Get'), { ...owner, PolicyName: 'a' }), 'PolicyDocument'))).toBe(other);
  });

  it('that is missing cannot be shown or deleted', () => {
    const expected = `NoSuchEntity 404 The ${noun} policy with name none cannot be found.`;
    expect(refusal(operation('Get'), { ...owner, PolicyName: 'none' })).toBe(expected);
    expect(refusal(operation('Delete'), { ...owner, PolicyName: 'none' })).toBe(expected);
  });

  it('is refused when malformed', () => {
    const put = (PolicyDocument: string) => refusal(operation('Put'), { ...owner, PolicyName: 'a', PolicyDocument });
    expect(put('{')).toBe('MalformedPolicyDocument 400 Syntax errors in policy.');
    expect(put(TRUST)).toBe('MalformedPolicyDocument 400 Policy document should not specify a principal.');
  });

  it(`is refused beyond ${quota} characters in all, white space not counted`, () => {
    const size = (length: number) => INLINE.replace('kms:Decrypt', `kms:${'A'.repeat(length - INLINE.length + 'Decrypt'.length)}`);
    const put = (name: string, PolicyDocument: string) => refusal(operation('Put'), { ...owner, PolicyName: name, PolicyDocument });
    const half = quota / 2;
    expect(put('a', size(half).replace('{', `{${' '.repeat(quota)}`))).toBe('done');
    expect(put('b', size(half + 1))).toBe(`LimitExceeded 409 Maximum policy size of ${quota} bytes exceeded for ${noun} Byok`);
    expect(put('b', size(half))).toBe('done');
    expect(put('a', size(half))).toBe('done');
  });
});

describe('the names of a role’s policies', () => {
  it('are listed in order', () => {
    accounts.role(CUSTOMER, 'Byok');
    for (const PolicyName of ['b', 'a']) call('PutRolePolicy', { RoleName: 'Byok', PolicyName, PolicyDocument: INLINE });
    expect(call('ListRolePolicies', { RoleName: 'Byok' })).toEqual({ PolicyNames: ['a', 'b'], IsTruncated: false });
  });
});

describe('a user', () => {
  it('is created, shown and deleted', () => {
    const created = member(call('CreateUser', { UserName: 'ann', Path: '/team/' }), 'User');
    expect(created).toEqual({
      Path: '/team/',
      UserName: 'ann',
      UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
      Arn: `arn:aws:iam::${CUSTOMER}:user/team/ann`,
      CreateDate: '2026-01-01T12:00:00Z',
    });
    expect(member(call('GetUser', { UserName: 'ann' }), 'User')).toEqual(created);
    expect(refusal('CreateUser', { UserName: 'Ann' })).toBe('EntityAlreadyExists 409 User with name Ann already exists.');
    expect(call('DeleteUser', { UserName: 'ann' })).toBeUndefined();
    expect(refusal('GetUser', { UserName: 'ann' })).toBe('NoSuchEntity 404 The user with name ann cannot be found.');
  });

  it('is meant when no name is given and a user calls', () => {
    const ann = accounts.asUser(accounts.user(CUSTOMER, 'ann', [{ Effect: 'Allow', Action: 'iam:*', Resource: '*' }]));
    expect(member(call('GetUser', {}, ann), 'User')).toMatchObject({ UserName: 'ann' });
    expect(refusal('GetUser')).toContain('ValidationError 400 Must specify userName');
  });

  it('signs with the access keys it was given, at most two', () => {
    call('CreateUser', { UserName: 'ann' });
    const key = member(call('CreateAccessKey', { UserName: 'ann' }), 'AccessKey') as Record<string, string>;
    expect(key).toMatchObject({ UserName: 'ann', Status: 'Active', CreateDate: '2026-01-01T12:00:00Z' });
    const credential = accounts.state.findCredential(key.AccessKeyId ?? '');
    expect(credential).toMatchObject({ secretAccessKey: key.SecretAccessKey, caller: { kind: 'user', userName: 'ann' } });
    call('CreateAccessKey', { UserName: 'ann' });
    expect(refusal('CreateAccessKey', { UserName: 'ann' })).toBe('LimitExceeded 409 Cannot exceed quota for AccessKeysPerUser: 2');
    expect(member(call('ListAccessKeys', { UserName: 'ann' }), 'AccessKeyMetadata')).toHaveLength(2);
    expect(JSON.stringify(call('ListAccessKeys', { UserName: 'ann' }))).not.toContain(key.SecretAccessKey);
    expect(refusal('DeleteUser', { UserName: 'ann' })).toBe('DeleteConflict 409 Cannot delete entity, must delete access keys first.');
    call('DeleteAccessKey', { UserName: 'ann', AccessKeyId: key.AccessKeyId ?? '' });
    expect(accounts.state.findCredential(key.AccessKeyId ?? '')).toBeUndefined();
  });

  it('cannot delete the key of another', () => {
    const bob = accounts.asUser(accounts.user(CUSTOMER, 'bob'));
    accounts.user(CUSTOMER, 'ann');
    expect(refusal('DeleteAccessKey', { UserName: 'ann', AccessKeyId: bob.accessKeyId })).toBe(
      `NoSuchEntity 404 The Access Key with id ${bob.accessKeyId} cannot be found.`,
    );
  });
});

describe('a caller', () => {
  it('needs iam permission on the very resource', () => {
    const clerk = accounts.asUser(
      accounts.user(CUSTOMER, 'clerk', [{ Effect: 'Allow', Action: 'iam:*Role', Resource: `arn:aws:iam::${CUSTOMER}:role/keyhold/*` }]),
    );
    const denied = (action: string, resource: string) =>
      `AccessDenied 403 User: ${clerk.arn} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;
    expect(refusal('CreateRole', { ...BYOK, Path: '/keyhold/' }, clerk)).toBe('done');
    expect(refusal('GetRole', { RoleName: 'Byok' }, clerk)).toBe('done');
    expect(refusal('CreateRole', { ...BYOK, RoleName: 'Other' }, clerk)).toBe(
      denied('iam:CreateRole', `arn:aws:iam::${CUSTOMER}:role/Other`),
    );
    expect(refusal('GetRole', { RoleName: 'Missing' }, clerk)).toBe(denied('iam:GetRole', `arn:aws:iam::${CUSTOMER}:role/Missing`));
    expect(refusal('ListRoles', {}, clerk)).toBe(denied('iam:ListRoles', `arn:aws:iam::${CUSTOMER}:role/`));
    expect(refusal('CreateAccessKey', {}, clerk)).toBe(denied('iam:CreateAccessKey', clerk.arn));
  });

  it('reaches nothing of another account', () => {
    accounts.role(CUSTOMER, 'Byok');
    expect(refusal('GetRole', { RoleName: 'Byok' }, accounts.asRoot(VENDOR))).toBe(
      'NoSuchEntity 404 The role with name Byok cannot be found.',
    );
  });

  it('whose session policy leaves iam out is refused', () => {
    const admin = accounts.role(CUSTOMER, 'admin', { identity: [{ Effect: 'Allow', Action: '*', Resource: '*' }] });
    const session = accounts.session(admin, { sessionPolicy: [{ Effect: 'Allow', Action: 'kms:*', Resource: '*' }] });
    expect(refusal('ListRoles', {}, accounts.session(admin))).toBe('done');
    expect(refusal('ListRoles', {}, session)).toContain('because no session policy allows the iam:ListRoles action');
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
    expect(refusal(operation, params).slice(0, expected.length)).toBe(expected);
  });
});

describe('an answer', () => {
  it('is the XML that IAM’s clients read', () => {
    accounts.role(CUSTOMER, 'Byok').policies.set('a', parsePolicy(INLINE, 'identity'));
    const { body } = queryAnswer('iam', 'ListRolePolicies', call('ListRolePolicies', { RoleName: 'Byok' }), 'id-1', false);
    expect(body).toBe(
      '<ListRolePoliciesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListRolePoliciesResult><PolicyNames><member>a</member></PolicyNames><IsTruncated>false</IsTruncated></ListRolePoliciesResult><ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></ListRolePoliciesResponse>',
    );
  });
});
