import { describe, expect, it } from '@jest/globals';
import { MalformedPolicy } from './malformed-policy.js';
import { parsePolicy, policySize, renderPolicy } from './policy-document.js';
import { POLICY_KINDS } from './policy-statement.js';
import { CUSTOMER, policyText, TwoAccounts, VENDOR } from './testing/two-accounts.js';

const { state } = new TwoAccounts();
const IDENTITY = { Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*' };
const TRUST = { Effect: 'Allow', Principal: { AWS: VENDOR }, Action: 'sts:AssumeRole' };
const KEY = { Effect: 'Allow', Principal: { AWS: VENDOR }, Action: 'kms:*', Resource: '*' };

const DEFAULT_KEY_POLICY = {
  Version: '2012-10-17',
  Id: 'key-default-1',
  Statement: [
    {
      Sid: 'Enable IAM User Permissions',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${CUSTOMER}:root` },
      Action: 'kms:*',
      Resource: '*',
    },
  ],
};

const CONSOLE_STATEMENT = {
  Sid: 'Allow attachment of persistent resources',
  Effect: 'Allow',
  Principal: { AWS: CUSTOMER },
  Action: ['kms:CreateGrant', 'kms:ListGrants', 'kms:RevokeGrant'],
  Resource: '*',
  Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
};

describe('a policy is accepted', () => {
  it.each([
    ['KMS’s default key policy', 'key', JSON.stringify(DEFAULT_KEY_POLICY)],
    ['a statement of the console’s key policy', 'key', policyText(CONSOLE_STATEMENT)],
    ['one statement that is not in a list', 'identity', JSON.stringify({ Version: '2012-10-17', Statement: IDENTITY })],
    ['the older version', 'identity', JSON.stringify({ Version: '2008-10-17', Statement: [IDENTITY] })],
    ['no version', 'identity', JSON.stringify({ Statement: [IDENTITY] })],
    ['a trusted account', 'trust', policyText(TRUST)],
    ['anyone trusted', 'trust', policyText({ ...TRUST, Principal: '*' }, { ...TRUST, Principal: { AWS: '*' } })],
    ['a trusted service', 'trust', policyText({ ...TRUST, Principal: { Service: ['ec2.amazonaws.com'] } })],
    ['NotAction and NotResource', 'session', policyText({ Effect: 'Deny', NotAction: 'iam:*', NotResource: 'arn:aws:kms:*:*:key/*' })],
    ['the action *', 'identity', policyText({ ...IDENTITY, Action: '*' })],
    ['empty Sids', 'identity', policyText({ ...IDENTITY, Sid: '' }, { ...IDENTITY, Sid: '' })],
  ] as const)('with %s', (_, kind, text) => expect(parsePolicy(text, kind, state).source).toBe(text));

  it('and is plain data', () => {
    const document = parsePolicy(policyText({ ...KEY, Condition: { Null: { 'aws:userid': 'true' } } }), 'key', state);
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });
});

describe('every kind of policy is refused', () => {
  const statement = { identity: IDENTITY, session: IDENTITY, trust: TRUST, key: KEY };

  describe.each(POLICY_KINDS)('%s', (kind) => {
    const valid = statement[kind];
    it.each([
      ['a text that is no JSON', '{invalid', kind === 'trust' ? 'This policy contains invalid Json' : 'Syntax errors in policy.'],
      ['a list', '[]', 'Syntax errors in policy.'],
      ['null', 'null', 'Syntax errors in policy.'],
      ['an unknown version', JSON.stringify({ Version: '2020-01-01', Statement: [valid] }), 'Syntax errors in policy.'],
      ['an unknown element', JSON.stringify({ Statement: [valid], Remark: '' }), 'Unknown element: Remark'],
      ['no statement', '{}', 'Syntax errors in policy.'],
      ['a statement that is a text', '{"Statement":"x"}', 'Syntax errors in policy.'],
      ['an unknown element of a statement', policyText({ ...valid, Conditions: {} }), 'Unknown element: Conditions'],
      ['no effect', policyText({ ...valid, Effect: undefined }), 'Syntax errors in policy.'],
      ['an effect in small letters', policyText({ ...valid, Effect: 'allow' }), 'Syntax errors in policy.'],
      ['no action', policyText({ ...valid, Action: undefined }), 'Policy statement must contain actions.'],
      ['no action in the list', policyText({ ...valid, Action: [] }), 'Policy statement must contain actions.'],
      ['an action that is a number', policyText({ ...valid, Action: 1 }), 'Syntax errors in policy.'],
      ['Action and NotAction', policyText({ ...valid, NotAction: 'sts:X' }), 'Syntax errors in policy.'],
      ['an action with two colons', policyText({ ...valid, Action: 'sts:a:b' }), 'Actions/Condition can contain only one colon.'],
      [
        'one Sid twice',
        policyText({ ...valid, Sid: 'a' }, { ...valid, Sid: 'a' }),
        'Statement IDs (SID) in a single policy must be unique.',
      ],
      ['an element twice', `{"Statement":[],"Statement":${JSON.stringify(valid)}}`, 'Element given twice: Statement'],
      ['an element twice, once escaped', `{"Statement":[],"Statemen\\u0074":${JSON.stringify(valid)}}`, 'Element given twice'],
      ['an unknown condition key', policyText({ ...valid, Condition: { StringEquals: { 'aws:Vpc': 'x' } } }), 'condition key aws:Vpc'],
    ])('with %s', (_, text, message) => {
      const parse = () => parsePolicy(text, kind, state);
      expect(parse).toThrow(MalformedPolicy);
      expect(parse).toThrow(message);
    });
  });
});

describe('an identity or session policy is refused', () => {
  it.each([
    [{ ...IDENTITY, Principal: '*' }, 'Policy document should not specify a principal.'],
    [{ ...IDENTITY, NotPrincipal: '*' }, 'Policy document should not specify a principal.'],
    [{ Effect: 'Allow', Action: 'kms:*' }, 'Policy statement must contain resources.'],
    [{ ...IDENTITY, Resource: [] }, 'Policy statement must contain resources.'],
    [{ ...IDENTITY, NotResource: '*' }, 'Syntax errors in policy.'],
    [{ ...IDENTITY, Action: 'Decrypt' }, 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.'],
    [{ ...IDENTITY, Action: '' }, 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.'],
    [{ ...IDENTITY, Action: ':Decrypt' }, 'Vendor  is not valid'],
    [{ ...IDENTITY, Action: 'km*:Decrypt' }, 'Vendor km* is not valid'],
    [{ ...IDENTITY, Action: 'kms:De crypt' }, 'Syntax errors in policy.'],
    [{ ...IDENTITY, Resource: 'mrk-1' }, 'Resource mrk-1 must be in ARN format or "*".'],
    [{ ...IDENTITY, Resource: 'arn:other:kms:::x' }, 'Partition "other" is not valid for resource "arn:other:kms:::x".'],
    [{ ...IDENTITY, Resource: 'arn:aws:kms' }, 'The policy failed legacy parsing'],
    [{ ...IDENTITY, Resource: 'arn:aws:kms:*:*:key/${aws:PrincipalTag/x}' }, 'does not support the policy variable'],
    [{ ...IDENTITY, Sid: 'with space' }, 'Statement IDs (SID) must be alpha-numeric.'],
  ])('%j', (statement, message) => {
    expect(() => parsePolicy(policyText(statement), 'identity')).toThrow(message);
    expect(() => parsePolicy(policyText(statement), 'session')).toThrow(message);
  });
});

describe('a trust policy is refused', () => {
  const missing = `arn:aws:iam::${VENDOR}:role/missing`;
  it.each([
    [{ ...TRUST, Principal: undefined }, 'Missing required field Principal'],
    [{ ...TRUST, Principal: {} }, 'Missing required field Principal cannot be empty!'],
    [{ ...TRUST, Principal: { AWS: [] } }, 'Missing required field Principal cannot be empty!'],
    [{ ...TRUST, Principal: 'me' }, 'Invalid principal in policy: "STAR":"me"'],
    [{ ...TRUST, Principal: { AWS: missing } }, `Invalid principal in policy: "AWS":"${missing}"`],
    [{ ...TRUST, Principal: { AWS: '123412341234' } }, 'Invalid principal in policy: "AWS":"123412341234"'],
    [{ ...TRUST, Principal: { AWS: `${VENDOR}:root` } }, 'Invalid principal in policy'],
    [{ ...TRUST, Principal: { AWS: `arn:aws:iam::${VENDOR}` } }, 'Invalid principal in policy'],
    [{ ...TRUST, Principal: { AWS: `arn:aws:iam::${VENDOR}:role/*` } }, 'Invalid principal in policy'],
    [{ ...TRUST, Principal: { AWS: 'AROAAAAAAAAAAAAAAAAAA' } }, 'Invalid principal in policy'],
    [{ ...TRUST, Principal: { Service: 'example.com' } }, 'Invalid principal in policy: "SERVICE":"example.com"'],
    [{ ...TRUST, Principal: { Federated: 'accounts.google.com' } }, 'does not support principals of the type Federated'],
    [{ ...TRUST, Principal: undefined, NotPrincipal: { AWS: VENDOR } }, 'Allow with NotPrincipal is not allowed.'],
    [{ ...TRUST, Effect: 'Deny', Principal: undefined, NotPrincipal: { AWS: VENDOR } }, 'does not support NotPrincipal'],
    [{ ...TRUST, Resource: '*' }, 'Has prohibited field Resource'],
    [{ ...TRUST, NotResource: '*' }, 'AssumeRole policy must not contain resources.'],
    [{ ...TRUST, Action: '*' }, 'AssumeRole policy may only specify STS AssumeRole actions.'],
    [{ ...TRUST, Action: 'kms:Decrypt' }, 'AssumeRole policy may only specify STS AssumeRole actions.'],
  ])('%j', (statement, message) => expect(() => parsePolicy(policyText(statement), 'trust', state)).toThrow(message));

  it('with no statement in its list', () => {
    expect(() => parsePolicy(policyText(), 'trust', state)).toThrow('Could not parse the policy: Statement is empty!');
  });
});

describe('a key policy is refused', () => {
  it.each([
    [
      { ...KEY, Principal: { AWS: `arn:aws:iam::${VENDOR}:role/missing` } },
      'Policy contains a statement with one or more invalid principals.',
    ],
    [{ ...KEY, Resource: undefined }, 'Policy statement must contain resources.'],
    [{ ...KEY, Principal: undefined }, 'Missing required field Principal'],
  ])('%j', (statement, message) => expect(() => parsePolicy(policyText(statement), 'key', state)).toThrow(message));
});

describe('a policy with principals', () => {
  const accounts = new TwoAccounts();
  const shown = (principal: unknown): unknown => {
    const policy = parsePolicy(policyText({ ...TRUST, Principal: principal }), 'trust', accounts.state);
    const json: unknown = JSON.parse(renderPolicy(policy, accounts.state));
    return json;
  };
  const showing = (principal: unknown) => expect.objectContaining({ Statement: [expect.objectContaining({ Principal: principal })] });

  it('shows an account as its root', () => expect(shown({ AWS: VENDOR })).toEqual(showing({ AWS: `arn:aws:iam::${VENDOR}:root` })));
  it('shows anyone as it was given', () => {
    expect(shown('*')).toEqual(showing('*'));
    expect(shown({ AWS: '*' })).toEqual(showing({ AWS: '*' }));
  });
  it('shows several principals by type', () => {
    const role = accounts.role(VENDOR, 'listed');
    expect(shown({ AWS: [role.arn, '*'], Service: 'ec2.amazonaws.com' })).toEqual(
      showing({ AWS: [role.arn, '*'], Service: 'ec2.amazonaws.com' }),
    );
  });

  it('shows the unique id of a role that is gone, even when its name is taken again', () => {
    const old = accounts.role(VENDOR, 'service', {}, '/team/');
    const session = `arn:aws:sts::${VENDOR}:assumed-role/service/night`;
    const text = policyText({ ...TRUST, Principal: { AWS: [old.arn, session] } });
    const policy = parsePolicy(text, 'trust', accounts.state);
    expect(renderPolicy(policy, accounts.state)).toBe(text);
    accounts.state.deleteRole(old);
    accounts.role(VENDOR, 'service', {}, '/team/');
    expect(JSON.parse(renderPolicy(policy, accounts.state))).toEqual(showing({ AWS: [old.roleId, `${old.roleId}:night`] }));
  });
});

describe('the size of a policy', () => {
  it('leaves white space out, except inside of texts', () => {
    expect(policySize('{ "a b" :\n [ "c\\" d" ] }')).toBe('{"a b":["c\\" d"]}'.length);
  });
});
