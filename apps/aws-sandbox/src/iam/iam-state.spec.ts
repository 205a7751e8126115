import { describe, expect, it } from '@jest/globals';
import { type IamSnapshot, IamState } from './iam-state.js';
import { parsePolicy } from './policy-document.js';
import { CUSTOMER, NOW, policyText, TwoAccounts, VENDOR } from './testing/two-accounts.js';

const ALL = { Effect: 'Allow', Action: '*', Resource: '*' };
const HOUR_MS = 3_600_000;

describe('an account', () => {
  it('has a root user who can sign', () => {
    const state = new IamState();
    const { accountId, rootCredential } = state.createAccount(undefined, NOW);
    expect(accountId).toMatch(/^\d{12}$/);
    expect(rootCredential.accessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
    expect(rootCredential.secretAccessKey).toHaveLength(40);
    expect(rootCredential.caller).toMatchObject({ kind: 'root', arn: `arn:aws:iam::${accountId}:root`, userId: accountId });
    expect(state.findCredential(rootCredential.accessKeyId)).toBe(rootCredential);
  });
});

describe('a session', () => {
  it('can sign with a temporary key that knows its role, time and policy', () => {
    const accounts = new TwoAccounts();
    const role = accounts.role(CUSTOMER, 'Byok', {}, '/keyhold/');
    const sessionPolicy = parsePolicy(policyText(ALL), 'session');
    const order = { role, sessionName: 'visit', durationSeconds: 900, sessionPolicy, sourceIdentity: 'ann', now: NOW };
    const credential = accounts.state.openSession(order);
    expect(credential.accessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
    expect(credential.sessionToken?.length).toBeGreaterThan(300);
    expect(credential.expiresAt).toBe(NOW + 900_000);
    expect(credential.caller).toEqual({
      kind: 'session',
      accountId: CUSTOMER,
      arn: `arn:aws:sts::${CUSTOMER}:assumed-role/Byok/visit`,
      userId: `${role.roleId}:visit`,
      accessKeyId: credential.accessKeyId,
      roleArn: `arn:aws:iam::${CUSTOMER}:role/keyhold/Byok`,
      roleId: role.roleId,
      roleName: 'Byok',
      sessionName: 'visit',
      issuedAt: NOW,
      expiresAt: NOW + 900_000,
      sessionPolicy,
      sourceIdentity: 'ann',
    });
  });

  it('is forgotten a day after it has expired, not at once', () => {
    const accounts = new TwoAccounts();
    const role = accounts.role(CUSTOMER, 'Byok');
    const first = accounts.session(role);
    accounts.session(role, { now: NOW + 2 * HOUR_MS });
    expect(accounts.state.findCredential(first.accessKeyId)).toBeDefined();
    accounts.session(role, { now: NOW + 26 * HOUR_MS });
    expect(accounts.state.findCredential(first.accessKeyId)).toBeUndefined();
  });
});

describe('a role', () => {
  it('is found by its whole ARN only, path and case included', () => {
    const accounts = new TwoAccounts();
    const role = accounts.role(CUSTOMER, 'Byok', {}, '/keyhold/');
    expect(accounts.state.findRole(role.arn)).toBe(role);
    expect(accounts.state.findRole(`arn:aws:iam::${CUSTOMER}:role/Byok`)).toBeUndefined();
    expect(accounts.state.findRole(role.arn.toLowerCase())).toBeUndefined();
    expect(accounts.state.roleNamed(VENDOR, 'Byok')).toBeUndefined();
  });
});

describe('who exists', () => {
  it('are accounts, roles and users', () => {
    const accounts = new TwoAccounts();
    const role = accounts.role(CUSTOMER, 'Byok');
    const user = accounts.user(CUSTOMER, 'ann');
    const missing = [`arn:aws:iam::123412341234:root`, `${role.arn}2`, CUSTOMER, '*', ''];
    expect([role.arn, user.arn, `arn:aws:iam::${VENDOR}:root`].map((arn) => accounts.state.principalExists(arn))).not.toContain(false);
    expect(missing.map((arn) => accounts.state.principalExists(arn))).not.toContain(true);
  });
});

describe('a restored state', () => {
  it('equals the one that was saved, through JSON', () => {
    const accounts = new TwoAccounts();
    const trust = [{ Effect: 'Allow', Principal: { AWS: VENDOR }, Action: 'sts:AssumeRole' }];
    const session = accounts.session(accounts.role(CUSTOMER, 'Byok', { trust, identity: [ALL] }), { sessionPolicy: [ALL] });
    const user = accounts.asUser(accounts.user(CUSTOMER, '__proto__', [ALL]));
    const json = JSON.stringify(accounts.state.snapshot());
    const restored = IamState.restore(JSON.parse(json) as IamSnapshot);
    expect(restored).toEqual(accounts.state);
    expect(JSON.stringify(restored.snapshot())).toBe(json);
    expect(restored.findCredential(session.accessKeyId)?.caller).toEqual(session);
    expect(restored.identityPolicies(user)).toHaveLength(1);
  });
});
