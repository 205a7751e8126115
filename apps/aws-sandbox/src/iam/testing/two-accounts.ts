import { type Caller } from '../caller.js';
import { newRoleId, newUserId } from '../iam-ids.js';
import { IamState, type Role, type User } from '../iam-state.js';
import { roleArn, userArn } from '../identities.js';
import { parsePolicy } from '../policy-document.js';

export const CUSTOMER = '111122223333';
export const VENDOR = '999988887777';
export const NOW = Date.parse('2026-01-01T12:00:00Z');
export const KEY_ARN = `arn:aws:kms:us-east-2:${CUSTOMER}:key/mrk-2e22d3121daf471f87bee0690fadeaee`;

type Json = object;

/** A policy's text with one statement, or with several. */
export const policyText = (...statements: Json[]): string => JSON.stringify({ Version: '2012-10-17', Statement: statements });

const NOBODY_TRUSTED = { Effect: 'Deny', Principal: '*', Action: 'sts:AssumeRole' };

/** A customer and a vendor who know nothing of each other, and a hand to give them roles, users and sessions. */
export class TwoAccounts {
  readonly state = new IamState();

  constructor() {
    this.state.createAccount(CUSTOMER, NOW);
    this.state.createAccount(VENDOR, NOW);
  }

  role(accountId: string, name: string, policies: { trust?: Json[]; identity?: Json[] } = {}, path = '/'): Role {
    const role: Role = {
      accountId,
      arn: roleArn({ accountId, path, name }),
      path,
      name,
      createdAt: NOW,
      policies: new Map(),
      roleId: newRoleId(),
      maxSessionDurationSeconds: 3600,
      trustPolicy: parsePolicy(policyText(...(policies.trust ?? [NOBODY_TRUSTED])), 'trust', this.state),
    };
    if (policies.identity) role.policies.set('inline', parsePolicy(policyText(...policies.identity), 'identity'));
    this.state.addRole(role);
    return role;
  }

  user(accountId: string, name: string, identity?: Json[]): User {
    const arn = userArn({ accountId, path: '/', name });
    const user: User = { accountId, arn, path: '/', name, createdAt: NOW, policies: new Map(), userId: newUserId() };
    if (identity) user.policies.set('inline', parsePolicy(policyText(...identity), 'identity'));
    this.state.addUser(user);
    return user;
  }

  session(role: Role, options: { sessionPolicy?: Json[]; sessionName?: string; now?: number } = {}): Caller {
    const { sessionPolicy, sessionName = 'visit', now = NOW } = options;
    return this.state.openSession({
      role,
      sessionName,
      durationSeconds: 3600,
      now,
      ...(sessionPolicy && { sessionPolicy: parsePolicy(policyText(...sessionPolicy), 'session') }),
    }).caller;
  }

  asUser(user: User): Caller {
    return this.state.addUserKey(user, NOW).credential.caller;
  }

  asRoot(accountId: string): Caller {
    return this.state.createAccount(accountId, NOW).rootCredential.caller;
  }

  keyPolicy(...statements: Json[]) {
    return parsePolicy(policyText(...statements), 'key', this.state);
  }
}
