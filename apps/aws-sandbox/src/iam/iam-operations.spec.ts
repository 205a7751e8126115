import { beforeEach, describe, expect, it } from '@jest/globals';
import { queryAnswer, type QueryResult } from '../wire/aws-query.js';
import { parsePolicy } from './policy-document.js';
import { IamApi } from './testing/iam-api.js';
import { CUSTOMER, policyText, VENDOR } from './testing/two-accounts.js';

const TRUST = policyText({ Effect: 'Allow', Principal: { AWS: VENDOR }, Action: 'sts:AssumeRole' });
const INLINE = policyText({ Effect: 'Allow', Action: ['kms:Decrypt'], Resource: '*' });
const BYOK = { RoleName: 'Byok', AssumeRolePolicyDocument: TRUST };

let iam: IamApi;
beforeEach(() => {
  iam = new IamApi();
});

const member = (result: QueryResult, name: string): unknown => result?.[name];
const decoded = (text: unknown): string => decodeURIComponent(String(text));

describe('a role', () => {
  it('is created, shown and deleted', () => {
    const created = member(
      iam.call('CreateRole', { ...BYOK, Path: '/keyhold/', Description: 'for Keyhold', MaxSessionDuration: '7200' }),
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
    expect(member(iam.call('GetRole', { RoleName: 'Byok' }), 'Role')).toEqual(created);
    expect(iam.call('DeleteRole', { RoleName: 'Byok' })).toBeUndefined();
    expect(iam.refusal('GetRole', { RoleName: 'Byok' })).toBe('NoSuchEntity 404 The role with name Byok cannot be found.');
  });

  it('has a path and a session duration by default', () => {
    expect(member(iam.call('CreateRole', BYOK), 'Role')).toMatchObject({ Path: '/', MaxSessionDuration: 3600, Description: undefined });
  });

  it('keeps its name to itself, whatever the case', () => {
    iam.call('CreateRole', BYOK);
    expect(iam.refusal('CreateRole', { ...BYOK, RoleName: 'BYOK' })).toBe('EntityAlreadyExists 409 Role with name BYOK already exists.');
  });

  it('is not deleted with its policies', () => {
    iam.call('CreateRole', BYOK);
    iam.call('PutRolePolicy', { RoleName: 'Byok', PolicyName: 'use-key', PolicyDocument: INLINE });
    expect(iam.refusal('DeleteRole', { RoleName: 'Byok' })).toBe('DeleteConflict 409 Cannot delete entity, must delete policies first.');
    iam.call('DeleteRolePolicy', { RoleName: 'Byok', PolicyName: 'use-key' });
    expect(iam.refusal('DeleteRole', { RoleName: 'Byok' })).toBe('done');
  });

  it('is listed by path in its own account', () => {
    iam.call('CreateRole', { ...BYOK, Path: '/keyhold/' });
    iam.call('CreateRole', { ...BYOK, RoleName: 'Other' });
    iam.accounts.role(VENDOR, 'foreign');
    const names = (params = {}) => member(iam.call('ListRoles', params), 'Roles');
    expect(names()).toMatchObject([{ RoleName: 'Byok' }, { RoleName: 'Other' }]);
    expect(names({ PathPrefix: '/keyhold/' })).toMatchObject([{ RoleName: 'Byok' }]);
  });

  it('trusts whom it is told to trust last', () => {
    iam.call('CreateRole', BYOK);
    const trust = policyText({ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' });
    expect(iam.call('UpdateAssumeRolePolicy', { RoleName: 'Byok', PolicyDocument: trust })).toBeUndefined();
    const shown = member(iam.call('GetRole', { RoleName: 'Byok' }), 'Role') as Record<string, unknown>;
    expect(decoded(shown.AssumeRolePolicyDocument)).toBe(trust);
  });

  it('keeps the old trust when the new one is refused', () => {
    iam.call('CreateRole', BYOK);
    const before = iam.call('GetRole', { RoleName: 'Byok' });
    const trust = TRUST.replace(VENDOR, `arn:aws:iam::${VENDOR}:role/missing`);
    expect(iam.refusal('UpdateAssumeRolePolicy', { RoleName: 'Byok', PolicyDocument: trust })).toBe(
      `MalformedPolicyDocument 400 Invalid principal in policy: "AWS":"arn:aws:iam::${VENDOR}:role/missing"`,
    );
    expect(iam.call('GetRole', { RoleName: 'Byok' })).toEqual(before);
  });

  it('that trusts a deleted role shows that role’s unique id', () => {
    const service = iam.accounts.role(VENDOR, 'service');
    iam.call('CreateRole', { ...BYOK, AssumeRolePolicyDocument: TRUST.replace(VENDOR, service.arn) });
    iam.accounts.state.deleteRole(service);
    iam.accounts.role(VENDOR, 'service');
    const shown = member(iam.call('GetRole', { RoleName: 'Byok' }), 'Role') as Record<string, unknown>;
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
    if (noun === 'role') iam.accounts.role(CUSTOMER, 'Byok');
    else iam.accounts.user(CUSTOMER, 'Byok');
  });

  it('is kept as it was written, to the letter', () => {
    const text = INLINE.replace('"*"', '[ "*", "arn:aws:kms:*:*:key/(!\'x)" ]');
    iam.call(operation('Put'), { ...owner, PolicyName: 'use-key', PolicyDocument: text });
    const shown = iam.call(operation('Get'), { ...owner, PolicyName: 'use-key' });
    expect(shown).toMatchObject({ ...owner, PolicyName: 'use-key' });
    expect(member(shown, 'PolicyDocument')).not.toMatch(/[!'()* ]/);
    expect(decoded(member(shown, 'PolicyDocument'))).toBe(text);
  });

  it('replaces the one of the same name', () => {
    iam.call(operation('Put'), { ...owner, PolicyName: 'a', PolicyDocument: INLINE });
    const other = INLINE.replace('Decrypt', 'Encrypt');
    iam.call(operation('Put'), { ...owner, PolicyName: 'a', PolicyDocument: other });
    expect(decoded(member(iam.call(operation('Get'), { ...owner, PolicyName: 'a' }), 'PolicyDocument'))).toBe(other);
  });

  it('that is missing cannot be shown or deleted', () => {
    const expected = `NoSuchEntity 404 The ${noun} policy with name none cannot be found.`;
    expect(iam.refusal(operation('Get'), { ...owner, PolicyName: 'none' })).toBe(expected);
    expect(iam.refusal(operation('Delete'), { ...owner, PolicyName: 'none' })).toBe(expected);
  });

  it('is refused when malformed', () => {
    const put = (PolicyDocument: string) => iam.refusal(operation('Put'), { ...owner, PolicyName: 'a', PolicyDocument });
    expect(put('{')).toBe('MalformedPolicyDocument 400 Syntax errors in policy.');
    expect(put(TRUST)).toBe('MalformedPolicyDocument 400 Policy document should not specify a principal.');
  });

  it(`is refused beyond ${quota} characters in all, white space not counted`, () => {
    const size = (length: number) => INLINE.replace('kms:Decrypt', `kms:${'A'.repeat(length - INLINE.length + 'Decrypt'.length)}`);
    const put = (name: string, PolicyDocument: string) => iam.refusal(operation('Put'), { ...owner, PolicyName: name, PolicyDocument });
    const half = quota / 2;
    expect(put('a', size(half).replace('{', `{${' '.repeat(quota)}`))).toBe('done');
    expect(put('b', size(half + 1))).toBe(`LimitExceeded 409 Maximum policy size of ${quota} bytes exceeded for ${noun} Byok`);
    expect(put('b', size(half))).toBe('done');
    expect(put('a', size(half))).toBe('done');
  });
});

describe('the names of a role’s policies', () => {
  it('are listed in order', () => {
    iam.accounts.role(CUSTOMER, 'Byok');
    for (const PolicyName of ['b', 'a']) iam.call('PutRolePolicy', { RoleName: 'Byok', PolicyName, PolicyDocument: INLINE });
    expect(iam.call('ListRolePolicies', { RoleName: 'Byok' })).toEqual({ PolicyNames: ['a', 'b'], IsTruncated: false });
  });
});

describe('a user', () => {
  it('is created, shown and deleted', () => {
    const created = member(iam.call('CreateUser', { UserName: 'ann', Path: '/team/' }), 'User');
    expect(created).toEqual({
      Path: '/team/',
      UserName: 'ann',
      UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
      Arn: `arn:aws:iam::${CUSTOMER}:user/team/ann`,
      CreateDate: '2026-01-01T12:00:00Z',
    });
    expect(member(iam.call('GetUser', { UserName: 'ann' }), 'User')).toEqual(created);
    expect(iam.refusal('CreateUser', { UserName: 'Ann' })).toBe('EntityAlreadyExists 409 User with name Ann already exists.');
    expect(iam.call('DeleteUser', { UserName: 'ann' })).toBeUndefined();
    expect(iam.refusal('GetUser', { UserName: 'ann' })).toBe('NoSuchEntity 404 The user with name ann cannot be found.');
  });

  it('is meant when no name is given and a user calls', () => {
    const ann = iam.accounts.asUser(iam.accounts.user(CUSTOMER, 'ann', [{ Effect: 'Allow', Action: 'iam:*', Resource: '*' }]));
    expect(member(iam.call('GetUser', {}, ann), 'User')).toMatchObject({ UserName: 'ann' });
    expect(iam.refusal('GetUser')).toContain('ValidationError 400 Must specify userName');
  });

  it('signs with the access keys it was given, at most two', () => {
    iam.call('CreateUser', { UserName: 'ann' });
    const key = member(iam.call('CreateAccessKey', { UserName: 'ann' }), 'AccessKey') as Record<string, string>;
    expect(key).toMatchObject({ UserName: 'ann', Status: 'Active', CreateDate: '2026-01-01T12:00:00Z' });
    const credential = iam.accounts.state.findCredential(key.AccessKeyId ?? '');
    expect(credential).toMatchObject({ secretAccessKey: key.SecretAccessKey, caller: { kind: 'user', userName: 'ann' } });
    iam.call('CreateAccessKey', { UserName: 'ann' });
    expect(iam.refusal('CreateAccessKey', { UserName: 'ann' })).toBe('LimitExceeded 409 Cannot exceed quota for AccessKeysPerUser: 2');
    expect(member(iam.call('ListAccessKeys', { UserName: 'ann' }), 'AccessKeyMetadata')).toHaveLength(2);
    expect(JSON.stringify(iam.call('ListAccessKeys', { UserName: 'ann' }))).not.toContain(key.SecretAccessKey);
    expect(iam.refusal('DeleteUser', { UserName: 'ann' })).toBe('DeleteConflict 409 Cannot delete entity, must delete access keys first.');
    iam.call('DeleteAccessKey', { UserName: 'ann', AccessKeyId: key.AccessKeyId ?? '' });
    expect(iam.accounts.state.findCredential(key.AccessKeyId ?? '')).toBeUndefined();
  });

  it('cannot delete the key of another', () => {
    const bob = iam.accounts.asUser(iam.accounts.user(CUSTOMER, 'bob'));
    iam.accounts.user(CUSTOMER, 'ann');
    expect(iam.refusal('DeleteAccessKey', { UserName: 'ann', AccessKeyId: bob.accessKeyId })).toBe(
      `NoSuchEntity 404 The Access Key with id ${bob.accessKeyId} cannot be found.`,
    );
  });
});

describe('an answer', () => {
  it('is the XML that IAM’s clients read', () => {
    iam.accounts.role(CUSTOMER, 'Byok').policies.set('a', parsePolicy(INLINE, 'identity'));
    const { body } = queryAnswer('iam', 'ListRolePolicies', iam.call('ListRolePolicies', { RoleName: 'Byok' }), 'id-1', false);
    expect(body).toBe(
      '<ListRolePoliciesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListRolePoliciesResult><PolicyNames><member>a</member></PolicyNames><IsTruncated>false</IsTruncated></ListRolePoliciesResult><ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></ListRolePoliciesResponse>',
    );
  });
});
