import { beforeEach, describe, expect, it } from '@jest/globals';
import { assumeRoleRefusal, authorizeAssumeRole, type ConditionContext } from './authorize.js';
import { type Caller } from './caller.js';
import { type Role } from './iam-state.js';
import { CUSTOMER, TwoAccounts, VENDOR } from './testing/two-accounts.js';

const MAY_ASSUME = { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: `arn:aws:iam::*:role/*` };
const trusting = (arn: string, Condition?: object) => ({
  Effect: 'Allow',
  Principal: { AWS: arn },
  Action: 'sts:AssumeRole',
  ...(Condition && { Condition }),
});

let accounts: TwoAccounts;
let service: Role;
beforeEach(() => {
  accounts = new TwoAccounts();
  service = accounts.role(VENDOR, 'service', { identity: [MAY_ASSUME] }, '/production/');
});

const assume = (caller: Caller, role: Role, context: ConditionContext = {}, alsoActions: string[] = []) =>
  authorizeAssumeRole(accounts.state, { caller, role, context, alsoActions });
const withId = (externalId: string): ConditionContext => ({ 'sts:externalid': externalId });
const refused = (caller: Caller, role: Role, action?: string) => ({ allowed: false, message: assumeRoleRefusal(caller, role.arn, action) });
const ALLOWED = { allowed: true };

describe('the refusal', () => {
  it('has the same words whatever the cause', () => {
    const caller = accounts.session(service);
    const distrustful = accounts.role(CUSTOMER, 'Byok');
    const particular = accounts.role(CUSTOMER, 'Other', { trust: [trusting(service.arn, { StringEquals: { 'sts:ExternalId': 'ws-1' } })] });
    const text = (role: Role) =>
      `User: arn:aws:sts::${VENDOR}:assumed-role/service/visit is not authorized to perform: sts:AssumeRole on resource: ${role.arn}`;
    expect(assume(caller, distrustful)).toEqual({ allowed: false, message: text(distrustful) });
    expect(assume(caller, particular, withId('ws-2'))).toEqual({ allowed: false, message: text(particular) });
  });
});

describe('across accounts', () => {
  it('the trust policy and the caller’s policy both have to allow', () => {
    const role = accounts.role(CUSTOMER, 'Byok', { trust: [trusting(service.arn)] });
    expect(assume(accounts.session(service), role)).toEqual(ALLOWED);
  });

  it('the trust policy alone is not enough, however closely it names the caller', () => {
    const bare = accounts.role(VENDOR, 'bare');
    const caller = accounts.session(bare);
    const trust = [trusting(bare.arn), trusting(caller.arn), trusting(VENDOR), trusting('*')];
    const role = accounts.role(CUSTOMER, 'Byok', { trust });
    expect(assume(caller, role)).toEqual(refused(caller, role));
  });

  it('the caller’s policy alone is not enough', () => {
    const role = accounts.role(CUSTOMER, 'Byok');
    const caller = accounts.session(service);
    expect(assume(caller, role)).toEqual(refused(caller, role));
  });

  it('trust in an account is trust in everyone there whose policy allows', () => {
    const role = accounts.role(CUSTOMER, 'Byok', { trust: [trusting(`arn:aws:iam::${VENDOR}:root`)] });
    expect(assume(accounts.session(service), role)).toEqual(ALLOWED);
    const bare = accounts.asUser(accounts.user(VENDOR, 'bare'));
    expect(assume(bare, role)).toEqual(refused(bare, role));
  });

  it('trust in a role covers each of its sessions, trust in a session only that one', () => {
    const byRole = accounts.role(CUSTOMER, 'ByRole', { trust: [trusting(service.arn)] });
    const bySession = accounts.role(CUSTOMER, 'BySession', { trust: [trusting(`arn:aws:sts::${VENDOR}:assumed-role/service/night`)] });
    const night = accounts.session(service, { sessionName: 'night' });
    const day = accounts.session(service, { sessionName: 'day' });
    expect([assume(night, byRole), assume(day, byRole), assume(night, bySession)]).toEqual([ALLOWED, ALLOWED, ALLOWED]);
    expect(assume(day, bySession)).toEqual(refused(day, bySession));
  });

  it('a deny in the trust policy, the caller’s policy or its session policy decides', () => {
    const trusted = accounts.role(CUSTOMER, 'Trusted', { trust: [trusting(service.arn)] });
    const denied = accounts.role(CUSTOMER, 'Denied', { trust: [trusting(service.arn), { ...trusting(VENDOR), Effect: 'Deny' }] });
    const caller = accounts.session(service);
    expect(assume(caller, denied)).toEqual(refused(caller, denied));
    const cut = accounts.session(service, { sessionPolicy: [MAY_ASSUME, { ...MAY_ASSUME, Effect: 'Deny' }] });
    expect(assume(cut, trusted)).toEqual(refused(cut, trusted));
    const denying = accounts.role(VENDOR, 'denying', { identity: [MAY_ASSUME, { ...MAY_ASSUME, Effect: 'Deny' }] });
    const open = accounts.role(CUSTOMER, 'Open', { trust: [trusting('*')] });
    const self = accounts.session(denying);
    expect(assume(self, open)).toEqual(refused(self, open));
  });

  it('a session policy that does not mention it takes it away', () => {
    const role = accounts.role(CUSTOMER, 'Byok', { trust: [trusting(service.arn)] });
    const caller = accounts.session(service, { sessionPolicy: [{ ...MAY_ASSUME, Action: 'kms:*' }] });
    expect(assume(caller, role)).toEqual(refused(caller, role));
  });

  it('the service’s role made anew under its old name is a stranger', () => {
    const role = accounts.role(CUSTOMER, 'Byok', { trust: [trusting(service.arn)] });
    accounts.state.deleteRole(service);
    const successor = accounts.session(accounts.role(VENDOR, 'service', { identity: [MAY_ASSUME] }, '/production/'));
    expect(assume(successor, role)).toEqual(refused(successor, role));
  });
});

describe('in one account', () => {
  it('a trust policy that names the principal itself is enough', () => {
    const bare = accounts.role(CUSTOMER, 'bare');
    const user = accounts.user(CUSTOMER, 'ann');
    const role = accounts.role(CUSTOMER, 'Byok', { trust: [trusting(bare.arn), trusting(user.arn)] });
    expect(assume(accounts.session(bare), role)).toEqual(ALLOWED);
    expect(assume(accounts.asUser(user), role)).toEqual(ALLOWED);
  });

  it('a trust policy that names the root delegates: the caller’s policy is needed too', () => {
    const role = accounts.role(CUSTOMER, 'Byok', { trust: [trusting(CUSTOMER)] });
    const bare = accounts.asUser(accounts.user(CUSTOMER, 'bare'));
    expect(assume(bare, role)).toEqual(refused(bare, role));
    expect(assume(accounts.asUser(accounts.user(CUSTOMER, 'ann', [MAY_ASSUME])), role)).toEqual(ALLOWED);
  });

  it('the caller’s policy is not enough without the trust policy', () => {
    const role = accounts.role(CUSTOMER, 'Byok');
    const ann = accounts.asUser(accounts.user(CUSTOMER, 'ann', [MAY_ASSUME]));
    expect(assume(ann, role)).toEqual(refused(ann, role));
  });

  it('a deny in the caller’s policy stands against a trust policy that names it', () => {
    const user = accounts.user(CUSTOMER, 'ann', [{ ...MAY_ASSUME, Effect: 'Deny' }]);
    const role = accounts.role(CUSTOMER, 'Byok', { trust: [trusting(user.arn)] });
    const ann = accounts.asUser(user);
    expect(assume(ann, role)).toEqual(refused(ann, role));
  });
});

describe('the root user', () => {
  it('assumes no role', () => {
    const role = accounts.role(CUSTOMER, 'Byok', { trust: [trusting('*')] });
    const message = 'Roles may not be assumed by root accounts.';
    expect(assume(accounts.asRoot(CUSTOMER), role)).toEqual({ allowed: false, message });
    expect(assume(accounts.asRoot(VENDOR), role)).toEqual({ allowed: false, message });
  });
});

describe('an external ID', () => {
  const RIGHT = withId('ws-1');
  const WRONG = withId('ws-2');
  const MISSING = {};

  it.each([
    ['StringEquals', { StringEquals: { 'sts:ExternalId': 'ws-1' } }, { right: true, wrong: false, missing: false }],
    ['a list with it', { StringEquals: { 'sts:ExternalId': ['ws-0', 'ws-1'] } }, { right: true, wrong: false, missing: false }],
    ['no condition', undefined, { right: true, wrong: true, missing: true }],
    ['a prefix with StringLike', { StringLike: { 'sts:ExternalId': 'ws-*' } }, { right: true, wrong: true, missing: false }],
    ['StringEqualsIfExists', { StringEqualsIfExists: { 'sts:ExternalId': 'ws-1' } }, { right: true, wrong: false, missing: true }],
    ['StringNotEquals of another', { StringNotEquals: { 'sts:ExternalId': 'ws-2' } }, { right: true, wrong: false, missing: true }],
    ['StringEqualsIgnoreCase', { StringEqualsIgnoreCase: { 'sts:ExternalId': 'WS-1' } }, { right: true, wrong: false, missing: false }],
    ['ForAllValues', { 'ForAllValues:StringEquals': { 'sts:ExternalId': 'ws-1' } }, { right: true, wrong: false, missing: true }],
    ['its mere presence', { Null: { 'sts:ExternalId': 'false' } }, { right: true, wrong: true, missing: false }],
    ['its mere absence', { Null: { 'sts:ExternalId': 'true' } }, { right: false, wrong: false, missing: true }],
  ])('asked for by %s', (_, condition, { right, wrong, missing }) => {
    const role = accounts.role(CUSTOMER, 'Byok', { trust: [trusting(service.arn, condition)] });
    const caller = accounts.session(service);
    expect(assume(caller, role, RIGHT).allowed).toBe(right);
    expect(assume(caller, role, WRONG).allowed).toBe(wrong);
    expect(assume(caller, role, MISSING).allowed).toBe(missing);
  });

  it('is enforced as well by a deny for every other one', () => {
    const deny = { ...trusting('*', { StringNotEquals: { 'sts:ExternalId': 'ws-1' } }), Effect: 'Deny' };
    const role = accounts.role(CUSTOMER, 'Byok', { trust: [trusting(service.arn), deny] });
    const caller = accounts.session(service);
    expect([RIGHT, WRONG, MISSING].map((context) => assume(caller, role, context).allowed)).toEqual([true, false, false]);
  });
});

describe('what comes with the role', () => {
  const also = (Action: string | string[]) => ({ ...MAY_ASSUME, Action });

  it('has to be allowed by the trust policy and the caller’s policy, each for itself', () => {
    const both = accounts.session(accounts.role(VENDOR, 'both', { identity: [also(['sts:AssumeRole', 'sts:TagSession'])] }));
    const trust = [trusting(VENDOR), { ...trusting(VENDOR), Action: 'sts:TagSession' }];
    const tagging = accounts.role(CUSTOMER, 'Tagging', { trust });
    const plain = accounts.role(CUSTOMER, 'Plain', { trust: [trusting(VENDOR)] });
    const caller = accounts.session(service);
    expect(assume(both, tagging, {}, ['sts:TagSession'])).toEqual(ALLOWED);
    expect(assume(both, plain, {}, ['sts:TagSession'])).toEqual(refused(both, plain, 'sts:TagSession'));
    expect(assume(caller, tagging, {}, ['sts:TagSession'])).toEqual(refused(caller, tagging, 'sts:TagSession'));
    expect(assume(caller, tagging)).toEqual(ALLOWED);
  });
});
