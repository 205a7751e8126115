import { beforeEach, describe, expect, it } from '@jest/globals';
import { authorizeIdentity, authorizeKms, type ConditionContext, foreignKeyRefusal, keepsControl } from './authorize.js';
import { type Caller } from './caller.js';
import { type Role } from './iam-state.js';
import { parsePolicy } from './policy-document.js';
import { CUSTOMER, KEY_ARN, NOW, policyText, TwoAccounts, VENDOR } from './testing/two-accounts.js';

const ROOT_OF = (accountId: string) => `arn:aws:iam::${accountId}:root`;
const DELEGATED = { Effect: 'Allow', Principal: { AWS: ROOT_OF(CUSTOMER) }, Action: 'kms:*', Resource: '*' };
const DECRYPT = { Effect: 'Allow', Action: 'kms:Decrypt', Resource: KEY_ARN };
const DENY = { ...DECRYPT, Effect: 'Deny' };
const ALL = { Effect: 'Allow', Action: '*', Resource: '*' };

let accounts: TwoAccounts;
let byok: Role;
beforeEach(() => {
  accounts = new TwoAccounts();
  byok = accounts.role(CUSTOMER, 'Byok', { identity: [DECRYPT] }, '/keyhold/');
});

function decrypt(caller: Caller, keyPolicy: object[], context: ConditionContext = {}, action = 'kms:Decrypt'): string {
  const policy = accounts.keyPolicy(...keyPolicy);
  const ask = { caller, action, keyArn: KEY_ARN, keyAccountId: CUSTOMER, keyPolicy: policy, context };
  const decision = authorizeKms(accounts.state, ask);
  return decision.allowed ? 'allowed' : decision.message;
}

const refusal = (caller: Caller, reason: string): string =>
  `User: ${caller.arn} is not authorized to perform: kms:Decrypt on resource: ${KEY_ARN} ${reason}`;
const BECAUSE = {
  identity: 'because no identity-based policy allows the kms:Decrypt action',
  resource: 'because no resource-based policy allows the kms:Decrypt action',
  session: 'because no session policy allows the kms:Decrypt action',
  identityDeny: 'with an explicit deny in an identity-based policy',
  resourceDeny: 'with an explicit deny in a resource-based policy',
  sessionDeny: 'with an explicit deny in a session policy',
};

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
    const caller = accounts.session(accounts.role(CUSTOMER, 'admin', { identity: [ALL] }));
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
    const role = accounts.role(CUSTOMER, 'west', { identity: [{ ...DECRYPT, Resource: KEY_ARN.replace('us-east-2', 'us-west-2') }] });
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
    ['a variable', { ...DECRYPT, Resource: 'arn:aws:kms:*:${aws:PrincipalAccount}:key/*' }, 'allowed'],
    ['a variable without value', { ...DECRYPT, Resource: 'arn:aws:kms:*:*:key/*${aws:username}*' }, 'refused'],
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

describe('an explicit deny', () => {
  it('in the role’s policy decides and is named', () => {
    const caller = accounts.session(accounts.role(CUSTOMER, 'denied', { identity: [ALL, DENY] }));
    expect(decrypt(caller, [DELEGATED])).toBe(refusal(caller, BECAUSE.identityDeny));
  });

  it('in another policy of the role decides as well', () => {
    byok.policies.set('second', parsePolicy(policyText({ ...DENY, Resource: '*' }), 'identity'));
    const caller = accounts.session(byok);
    expect(decrypt(caller, [DELEGATED])).toBe(refusal(caller, BECAUSE.identityDeny));
  });

  it('in the role’s policy stands against a key policy that names the role', () => {
    const role = accounts.role(CUSTOMER, 'denied', { identity: [DENY] });
    const caller = accounts.session(role);
    expect(decrypt(caller, [{ ...DELEGATED, Principal: { AWS: role.arn } }])).toBe(refusal(caller, BECAUSE.identityDeny));
  });

  it.each([
    ['everyone', '*'],
    ['the account', { AWS: CUSTOMER }],
    ['the role', { AWS: `arn:aws:iam::${CUSTOMER}:role/keyhold/Byok` }],
    ['the session', { AWS: `arn:aws:sts::${CUSTOMER}:assumed-role/Byok/visit` }],
  ])('in the key policy for %s decides and is named', (_, Principal) => {
    const caller = accounts.session(byok);
    const denied = { ...DELEGATED, Principal, Effect: 'Deny', Action: 'kms:Decrypt' };
    expect(decrypt(caller, [DELEGATED, denied])).toBe(refusal(caller, BECAUSE.resourceDeny));
  });

  it('for somebody else, another action or under a condition that fails does not decide', () => {
    const other = accounts.role(CUSTOMER, 'other');
    const denied = { ...DELEGATED, Effect: 'Deny' };
    const Condition = { StringEquals: { 'aws:RequestedRegion': 'us-west-2' } };
    const keyPolicy = [
      DELEGATED,
      { ...denied, Principal: { AWS: other.arn } },
      { ...denied, Action: 'kms:Encrypt' },
      { ...denied, Condition },
    ];
    expect(decrypt(accounts.session(byok), keyPolicy, { 'aws:requestedregion': 'us-east-2' })).toBe('allowed');
    expect(decrypt(accounts.session(byok), keyPolicy, { 'aws:requestedregion': 'us-west-2' })).not.toBe('allowed');
  });
});

describe('a session policy', () => {
  const session = (...sessionPolicy: object[]) => accounts.session(byok, { sessionPolicy });

  it('leaves what it allows too', () => expect(decrypt(session(ALL), [DELEGATED])).toBe('allowed'));

  it('takes what it does not allow', () => {
    const caller = session({ ...ALL, Action: 'kms:Encrypt' });
    expect(decrypt(caller, [DELEGATED])).toBe(refusal(caller, BECAUSE.session));
  });

  it('gives nothing that the role has not', () => {
    const caller = session(ALL);
    expect(decrypt(caller, [DELEGATED], {}, 'kms:Encrypt')).toContain('because no identity-based policy allows the kms:Encrypt action');
  });

  it('cuts what the key policy grants to the role, not what it grants to the session', () => {
    const caller = session({ ...ALL, Action: 'kms:Encrypt' });
    expect(decrypt(caller, [{ ...DELEGATED, Principal: { AWS: byok.arn } }])).toBe(refusal(caller, BECAUSE.session));
    expect(decrypt(caller, [{ ...DELEGATED, Principal: { AWS: caller.arn } }])).toBe('allowed');
  });

  it('that denies decides even against a grant to the session', () => {
    const caller = session(ALL, DENY);
    expect(decrypt(caller, [DELEGATED])).toBe(refusal(caller, BECAUSE.sessionDeny));
    expect(decrypt(caller, [{ ...DELEGATED, Principal: { AWS: caller.arn } }])).toBe(refusal(caller, BECAUSE.sessionDeny));
  });
});

describe('the panic button', () => {
  const MINUTE = 60_000;
  const revoked = (at: number) => ({
    Effect: 'Deny',
    Action: ['*'],
    Resource: ['*'],
    Condition: { DateLessThan: { 'aws:TokenIssueTime': new Date(at).toISOString() } },
  });

  it('ends the sessions that were issued before it and spares those issued after', () => {
    const before = accounts.session(byok, { now: NOW });
    const after = accounts.session(byok, { now: NOW + 2 * MINUTE });
    expect(decrypt(before, [DELEGATED])).toBe('allowed');
    byok.policies.set('AWSRevokeOlderSessions', parsePolicy(policyText(revoked(NOW + MINUTE)), 'identity'));
    expect(decrypt(before, [DELEGATED])).toBe(refusal(before, BECAUSE.identityDeny));
    expect(decrypt(after, [DELEGATED])).toBe('allowed');
  });

  it('does not touch users, whose keys have no time of issue', () => {
    const user = accounts.asUser(accounts.user(CUSTOMER, 'ann', [ALL, revoked(NOW + MINUTE)]));
    expect(decrypt(user, [DELEGATED])).toBe('allowed');
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
    const user = accounts.user(VENDOR, 'ann', [ALL]);
    const caller = accounts.asUser(user);
    expect(decrypt(caller, [DELEGATED, granting(user.arn)])).toBe('allowed');
    expect(decrypt(caller, [DELEGATED, granting(VENDOR)])).toBe('allowed');
  });

  it('without the key policy learns nothing, not even whether the key exists', () => {
    const caller = accounts.asUser(accounts.user(VENDOR, 'ann', [ALL]));
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
    const role = accounts.role(VENDOR, 'service', { identity: [ALL] });
    const caller = accounts.session(role, { sessionPolicy: [{ ...ALL, Action: 'sts:*' }] });
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
    expect(create(accounts.asUser(accounts.user(CUSTOMER, 'admin', [ALL])))).toBe('allowed');
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
