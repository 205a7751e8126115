import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Role } from './iam-state.js';
import { parsePolicy } from './policy-document.js';
import { BECAUSE, decryptQuestion, DELEGATED, MAY_ALL, MAY_DECRYPT, refusal } from './testing/decrypt-question.js';
import { CUSTOMER, NOW, policyText, TwoAccounts } from './testing/two-accounts.js';

const DENY = { ...MAY_DECRYPT, Effect: 'Deny' };

let accounts: TwoAccounts;
let decrypt: ReturnType<typeof decryptQuestion>;
let byok: Role;
beforeEach(() => {
  accounts = new TwoAccounts();
  decrypt = decryptQuestion(accounts);
  byok = accounts.role(CUSTOMER, 'Byok', { identity: [MAY_DECRYPT] }, '/keyhold/');
});

describe('an explicit deny', () => {
  it('in the role’s policy decides and is named', () => {
    const caller = accounts.session(accounts.role(CUSTOMER, 'denied', { identity: [MAY_ALL, DENY] }));
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

  it('leaves what it allows too', () => expect(decrypt(session(MAY_ALL), [DELEGATED])).toBe('allowed'));

  it('takes what it does not allow', () => {
    const caller = session({ ...MAY_ALL, Action: 'kms:Encrypt' });
    expect(decrypt(caller, [DELEGATED])).toBe(refusal(caller, BECAUSE.session));
  });

  it('gives nothing that the role has not', () => {
    const caller = session(MAY_ALL);
    expect(decrypt(caller, [DELEGATED], {}, 'kms:Encrypt')).toContain('because no identity-based policy allows the kms:Encrypt action');
  });

  it('cuts what the key policy grants to the role, not what it grants to the session', () => {
    const caller = session({ ...MAY_ALL, Action: 'kms:Encrypt' });
    expect(decrypt(caller, [{ ...DELEGATED, Principal: { AWS: byok.arn } }])).toBe(refusal(caller, BECAUSE.session));
    expect(decrypt(caller, [{ ...DELEGATED, Principal: { AWS: caller.arn } }])).toBe('allowed');
  });

  it('that denies decides even against a grant to the session', () => {
    const caller = session(MAY_ALL, DENY);
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
    const user = accounts.asUser(accounts.user(CUSTOMER, 'ann', [MAY_ALL, revoked(NOW + MINUTE)]));
    expect(decrypt(user, [DELEGATED])).toBe('allowed');
  });
});
