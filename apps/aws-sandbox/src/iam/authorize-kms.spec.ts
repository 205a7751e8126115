import { beforeEach, describe, expect, it } from '@jest/globals';
import { authorizeIdentity, authorizeKms, foreignKeyRefusal, keepsControl } from './authorize.js';
import { type Caller } from './caller.js';
import { type Role } from './iam-state.js';
import { BECAUSE, decryptQuestion, DELEGATED, MAY_ALL, MAY_DECRYPT, refusal } from './testing/decrypt-question.js';
import { CUSTOMER, KEY_ARN, TwoAccounts, VENDOR } from './testing/two-accounts.js';

let accounts: TwoAccounts;
let decrypt: ReturnType<typeof decryptQuestion>;
let byok: Role;
beforeEach(() => {
  accounts = new TwoAccounts();
  decrypt = decryptQuestion(accounts);
  byok = accounts.role(CUSTOMER, 'Byok', { identity: [MAY_DECRYPT] }, '/keyhold/');
});

describe('a role session of the key’s account', () => {
  it('is named in refusals as CloudTrail names it, without the role’s path', () => {
    expect(accounts.session(byok).arn).toBe(`arn:aws:sts::${CUSTOMER}:assumed-role/Byok/visit`);
  });

  it('may, when the key policy delegates to the account and the role’s policy allows', () => {
    expect(decrypt(accounts.session(byok), [DELEGATED])).toBe('allowed');
    expect(decrypt(accounts.session(byok), [{ ...DELEGATED, Principal: { AWS: CUSTOMER } }])).toBe('allowed');
  });

  it('may not by delegation alone', () => {
    const caller = accounts.session(accounts.role(CUSTOMER, 'bare'));
    expect(decrypt(caller, [DELEGATED])).toBe(refusal(caller, BECAUSE.identity));
  });

  it('may not by the role’s policy alone, not even as administrator', () => {
    const caller = accounts.session(accounts.role(CUSTOMER, 'admin', { identity: [MAY_ALL] }));
    expect(decrypt(caller, [{ ...DELEGATED, Action: 'kms:Encrypt' }])).toBe(refusal(caller, BECAUSE.resource));
  });

  it('may when the key policy names the role, without a policy of the role', () => {
    const bare = accounts.role(CUSTOMER, 'bare');
    expect(decrypt(accounts.session(bare), [{ ...DELEGATED, Principal: { AWS: bare.arn } }])).toBe('allowed');
    expect(decrypt(accounts.session(byok), [{ ...DELEGATED, Principal: '*' }])).toBe('allowed');
  });

  it('may as that one session when the key policy names the session', () => {
    const bare = accounts.role(CUSTOMER, 'bare');
    const keyPolicy = [{ ...DELEGATED, Principal: { AWS: `arn:aws:sts::${CUSTOMER}:assumed-role/bare/night` } }];
    expect(decrypt(accounts.session(bare, { sessionName: 'night' }), keyPolicy)).toBe('allowed');
    const other = accounts.session(bare, { sessionName: 'day' });
    expect(decrypt(other, keyPolicy)).toBe(refusal(other, BECAUSE.resource));
  });

  it('is not meant by the name of another role or of a service', () => {
    const other = accounts.role(CUSTOMER, 'other');
    const caller = accounts.session(byok);
    expect(decrypt(caller, [{ ...DELEGATED, Principal: { AWS: other.arn, Service: 'ec2.amazonaws.com' } }])).toBe(
      refusal(caller, BECAUSE.resource),
    );
  });

  it('may only what its resources and actions say', () => {
    const role = accounts.role(CUSTOMER, 'west', { identity: [{ ...MAY_DECRYPT, Resource: KEY_ARN.replace('us-east-2', 'us-west-2') }] });
    const caller = accounts.session(role);
    expect(decrypt(caller, [DELEGATED])).toBe(refusal(caller, BECAUSE.identity));
    expect(decrypt(accounts.session(byok), [DELEGATED], {}, 'kms:DECRYPT')).toBe('allowed');
    expect(decrypt(accounts.session(byok), [DELEGATED], {}, 'kms:Encrypt')).toContain(
      'because no identity-based policy allows the kms:Encrypt action',
    );
  });

  it.each([
    ['NotAction', { Effect: 'Allow', NotAction: 'kms:Encrypt', Resource: '*' }, 'allowed'],
    ['NotAction', { Effect: 'Allow', NotAction: 'kms:D*', Resource: '*' }, 'refused'],
    ['NotResource', { Effect: 'Allow', Action: 'kms:*', NotResource: 'arn:aws:kms:us-west-2:*:key/*' }, 'allowed'],
    ['NotResource', { Effect: 'Allow', Action: 'kms:*', NotResource: 'arn:aws:kms:us-east-2:*:key/*' }, 'refused'],
    ['a variable', { ...MAY_DECRYPT, Resource: 'arn:aws:kms:*:${aws:PrincipalAccount}:key/*' }, 'allowed'],
    ['a variable without value', { ...MAY_DECRYPT, Resource: 'arn:aws:kms:*:*:key/*${aws:username}*' }, 'refused'],
    ['a variable without value, negated', { Effect: 'Allow', Action: 'kms:*', NotResource: 'arn:aws:kms:::${aws:username}' }, 'refused'],
  ])('%s in its policy: %j is %s', (_, statement, outcome) => {
    const caller = accounts.session(accounts.role(CUSTOMER, 'shaped', { identity: [statement] }));
    expect(decrypt(caller, [DELEGATED]) === 'allowed').toBe(outcome === 'allowed');
  });

  it('loses everything when its role is deleted, also to a new role of the same name', () => {
    const caller = accounts.session(byok);
    const keyPolicy = accounts.keyPolicy({ ...DELEGATED, Principal: { AWS: byok.arn } });
    const ask = { action: 'kms:Decrypt', keyArn: KEY_ARN, keyAccountId: CUSTOMER, keyPolicy, context: {} };
    expect(authorizeKms(accounts.state, { ...ask, caller })).toEqual({ allowed: true });
    accounts.state.deleteRole(byok);
    const successor = accounts.session(accounts.role(CUSTOMER, 'Byok', {}, '/keyhold/'));
    expect(authorizeKms(accounts.state, { ...ask, caller: successor })).toMatchObject({ allowed: false });
    expect(decrypt(caller, [DELEGATED])).toBe(refusal(caller, BECAUSE.identity));
    expect(accounts.state.findCredential(caller.accessKeyId)).toBeUndefined();
  });
});

describe('the root user', () => {
  it('of the key’s account may what the key policy gives the account', () => {
    expect(decrypt(accounts.asRoot(CUSTOMER), [DELEGATED])).toBe('allowed');
  });

  it('of the key’s account may nothing that the key policy does not say', () => {
    const root = accounts.asRoot(CUSTOMER);
    expect(decrypt(root, [{ ...DELEGATED, Principal: { AWS: byok.arn } }])).toBe(refusal(root, BECAUSE.resource));
  });

  it('is denied as its account is', () => {
    const root = accounts.asRoot(CUSTOMER);
    expect(decrypt(root, [DELEGATED, { ...DELEGATED, Effect: 'Deny' }])).toBe(refusal(root, BECAUSE.resourceDeny));
  });

  it('of another account needs that account in the key policy', () => {
    const root = accounts.asRoot(VENDOR);
    expect(decrypt(root, [DELEGATED])).toBe(foreignKeyRefusal(root, 'kms:Decrypt'));
    expect(decrypt(root, [{ ...DELEGATED, Principal: { AWS: VENDOR } }])).toBe('allowed');
  });
});

describe('a caller of another account', () => {
  const granting = (arn: string) => ({ ...DELEGATED, Principal: { AWS: arn } });

  it('needs both the key policy and its own', () => {
    const user = accounts.user(VENDOR, 'ann', [MAY_ALL]);
    const caller = accounts.asUser(user);
    expect(decrypt(caller, [DELEGATED, granting(user.arn)])).toBe('allowed');
    expect(decrypt(caller, [DELEGATED, granting(VENDOR)])).toBe('allowed');
  });

  it('without the key policy learns nothing, not even whether the key exists', () => {
    const caller = accounts.asUser(accounts.user(VENDOR, 'ann', [MAY_ALL]));
    expect(decrypt(caller, [DELEGATED])).toBe(
      `User: ${caller.arn} is not authorized to perform: kms:Decrypt on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
    );
    expect(decrypt(caller, [granting(VENDOR), { ...granting(VENDOR), Effect: 'Deny' }])).toBe(foreignKeyRefusal(caller, 'kms:Decrypt'));
  });

  it('without a policy of its own is refused, however closely the key policy names it', () => {
    const role = accounts.role(VENDOR, 'bare');
    const caller = accounts.session(role);
    expect(decrypt(caller, [granting(role.arn), granting(caller.arn)])).toBe(refusal(caller, BECAUSE.identity));
  });

  it('is cut by its session policy', () => {
    const role = accounts.role(VENDOR, 'service', { identity: [MAY_ALL] });
    const caller = accounts.session(role, { sessionPolicy: [{ ...MAY_ALL, Action: 'sts:*' }] });
    expect(decrypt(caller, [granting(VENDOR)])).toBe(refusal(caller, BECAUSE.session));
  });
});

describe('what is known of the caller', () => {
  const allowedWhen = (Condition: object) => [{ ...DELEGATED, Principal: '*', Condition }];

  it.each([
    ['aws:PrincipalArn', `arn:aws:iam::${CUSTOMER}:role/keyhold/Byok`],
    ['aws:PrincipalAccount', CUSTOMER],
    ['aws:PrincipalType', 'AssumedRole'],
    ['aws:TokenIssueTime', '2026-01-01T12:00:00.000Z'],
    ['aws:MultiFactorAuthPresent', 'false'],
    ['kms:CallerAccount', CUSTOMER],
  ])('of a session: %s is %s', (key, value) => {
    expect(decrypt(accounts.session(byok), allowedWhen({ StringEquals: { [key]: value } }))).toBe('allowed');
  });

  it('of a session: aws:userid is the role’s unique id and the session’s name', () => {
    const Condition = { StringEquals: { 'aws:userid': `${byok.roleId}:visit` } };
    expect(decrypt(accounts.session(byok), allowedWhen(Condition))).toBe('allowed');
  });

  it.each(['aws:TokenIssueTime', 'aws:MultiFactorAuthPresent', 'aws:SourceIdentity', 'kms:ViaService'])(
    'of a user: %s is absent',
    (key) => {
      const user = accounts.asUser(accounts.user(CUSTOMER, 'ann'));
      expect(decrypt(user, allowedWhen({ Null: { [key]: 'true' }, StringEquals: { 'aws:username': 'ann' } }))).toBe('allowed');
    },
  );

  it('cannot be overridden by the request', () => {
    const policy = allowedWhen({ StringEquals: { 'aws:PrincipalAccount': VENDOR } });
    expect(decrypt(accounts.session(byok), policy, { 'aws:principalaccount': VENDOR })).not.toBe('allowed');
  });
});

describe('an action on no key', () => {
  const create = (caller: Caller) => {
    const decision = authorizeIdentity(accounts.state, { caller, action: 'kms:CreateKey', resource: '*', context: {} });
    return decision.allowed ? 'allowed' : decision.message;
  };

  it('needs the caller’s policy', () => {
    const caller = accounts.session(byok);
    expect(create(caller)).toBe(
      `User: ${caller.arn} is not authorized to perform: kms:CreateKey on resource: * because no identity-based policy allows the kms:CreateKey action`,
    );
    expect(create(accounts.asUser(accounts.user(CUSTOMER, 'admin', [MAY_ALL])))).toBe('allowed');
  });

  it('is free to the root user', () => expect(create(accounts.asRoot(CUSTOMER))).toBe('allowed'));
});

describe('a key policy keeps its author in control', () => {
  const keeps = (caller: Caller, ...statements: object[]) =>
    keepsControl({ caller, keyArn: KEY_ARN, keyPolicy: accounts.keyPolicy(...statements), context: {} });

  it('when it names the author or delegates to the account', () => {
    const caller = accounts.session(byok);
    expect(keeps(caller, DELEGATED)).toBe(true);
    expect(keeps(caller, { ...DELEGATED, Principal: { AWS: byok.arn }, Action: 'kms:PutKeyPolicy' })).toBe(true);
  });

  it('not when it leaves kms:PutKeyPolicy out, names another, or denies', () => {
    const caller = accounts.session(byok);
    const other = accounts.role(CUSTOMER, 'other');
    expect(keeps(caller, { ...DELEGATED, Action: 'kms:Decrypt' })).toBe(false);
    expect(keeps(caller, { ...DELEGATED, Principal: { AWS: other.arn } })).toBe(false);
    expect(keeps(caller, DELEGATED, { ...DELEGATED, Effect: 'Deny', Action: 'kms:Put*' })).toBe(false);
  });
});
