import { type Caller, type Credential } from './caller.js';
import { federatedSession, type FederationOrder } from './federated-session.js';
import { newAccessKeyId, newAccountId, newSecretAccessKey } from './iam-ids.js';
import { identityKey, type Role, type User } from './identities.js';
import { type PolicyDocument } from './policy-document.js';
import { type PrincipalDirectory } from './policy-principals.js';
import { roleSession, type SessionOrder } from './role-session.js';

export { type Role, type User } from './identities.js';

/** An access key of a user or of an account's root; `createdAt` in milliseconds. */
export interface LongTermKey {
  credential: Credential;
  createdAt: number;
}

type Stored<T extends Role | User> = Omit<T, 'policies'> & { policies: [string, PolicyDocument][] };

/** What `snapshot()` gives and `restore()` takes; holds secrets. */
export interface IamSnapshot {
  accounts: string[];
  roles: Stored<Role>[];
  users: Stored<User>[];
  keys: LongTermKey[];
  sessions: Credential[];
}

/** Accounts, roles, users and everything that can sign. */
export class IamState implements PrincipalDirectory {
  private readonly accounts = new Set<string>();
  private readonly roles = new Map<string, Role>();
  private readonly users = new Map<string, User>();
  private readonly keys = new Map<string, LongTermKey>();
  private readonly sessions = new Map<string, Credential>();

  static restore(snapshot: IamSnapshot): IamState {
    const state = new IamState();
    for (const accountId of snapshot.accounts) state.accounts.add(accountId);
    for (const role of snapshot.roles) state.addRole({ ...role, policies: new Map(role.policies) });
    for (const user of snapshot.users) state.addUser({ ...user, policies: new Map(user.policies) });
    for (const key of snapshot.keys) state.keys.set(key.credential.accessKeyId, key);
    for (const session of snapshot.sessions) state.sessions.set(session.accessKeyId, session);
    return state;
  }

  snapshot(): IamSnapshot {
    return {
      accounts: [...this.accounts],
      roles: [...this.roles.values()].map((role) => ({ ...role, policies: [...role.policies] })),
      users: [...this.users.values()].map((user) => ({ ...user, policies: [...user.policies] })),
      keys: [...this.keys.values()],
      sessions: [...this.sessions.values()],
    };
  }

  /** Without an id it gets one. An account that exists already gets one more root key; ask accountExists first. */
  createAccount(wantedId: string | undefined, now: number): { accountId: string; rootCredential: Credential } {
    const accountId = wantedId ?? newAccountId();
    this.accounts.add(accountId);
    const rootCredential = this.addKey(
      (accessKeyId) => ({ kind: 'root', accountId, arn: rootArn(accountId), userId: accountId, accessKeyId }),
      now,
    );
    return { accountId, rootCredential };
  }

  accountExists(accountId: string): boolean {
    return this.accounts.has(accountId);
  }

  /** A session lives no longer than its role; whether it has expired is the caller's to ask. */
  findCredential(accessKeyId: string): Credential | undefined {
    const session = this.sessions.get(accessKeyId);
    if (session === undefined) return this.keys.get(accessKeyId)?.credential;
    return session.caller.kind !== 'session' || this.roleOfId(session.caller.roleId) ? session : undefined;
  }

  openSession(order: SessionOrder): Credential {
    return this.keepSession(roleSession(order), order.now);
  }

  openFederation(order: FederationOrder): Credential {
    return this.keepSession(federatedSession(order), order.now);
  }

  private keepSession(session: Credential, now: number): Credential {
    this.dropExpiredSessions(now);
    this.sessions.set(session.accessKeyId, session);
    return session;
  }

  /** Keeps them a day longer, so that a request signed with one is told that it has expired, not that it is unknown. */
  private dropExpiredSessions(now: number): void {
    for (const [accessKeyId, { expiresAt = now }] of this.sessions) {
      if (expiresAt + DAY_MS >= now) return;
      this.sessions.delete(accessKeyId);
    }
  }

  addRole(role: Role): void {
    this.roles.set(identityKey(role), role);
  }

  deleteRole(role: Role): void {
    this.roles.delete(identityKey(role));
  }

  findRole(arn: string): Role | undefined {
    return [...this.roles.values()].find((role) => role.arn === arn);
  }

  roleNamed(accountId: string, name: string): Role | undefined {
    return this.roles.get(identityKey({ accountId, name }));
  }

  rolesOf(accountId: string): Role[] {
    return [...this.roles.values()].filter((role) => role.accountId === accountId);
  }

  addUser(user: User): void {
    this.users.set(identityKey(user), user);
  }

  deleteUser(user: User): void {
    this.users.delete(identityKey(user));
  }

  userNamed(accountId: string, name: string): User | undefined {
    return this.users.get(identityKey({ accountId, name }));
  }

  addUserKey({ accountId, arn, userId, name }: User, now: number): LongTermKey {
    const credential = this.addKey((accessKeyId) => ({ kind: 'user', accountId, arn, userId, accessKeyId, userName: name }), now);
    return { credential, createdAt: now };
  }

  keysOfUser({ userId }: User): LongTermKey[] {
    return [...this.keys.values()].filter(({ credential }) => credential.caller.userId === userId);
  }

  deleteKey(accessKeyId: string): void {
    this.keys.delete(accessKeyId);
  }

  private addKey(callerOf: (accessKeyId: string) => Caller, createdAt: number): Credential {
    const accessKeyId = newAccessKeyId();
    const credential = { accessKeyId, secretAccessKey: newSecretAccessKey(), caller: callerOf(accessKeyId) };
    this.keys.set(accessKeyId, { credential, createdAt });
    return credential;
  }

  /** The inline policies of the caller's role or user; none when it was deleted since. */
  identityPolicies(caller: Caller): PolicyDocument[] {
    const identity = caller.kind === 'session' ? this.roleOfId(caller.roleId) : this.userOfId(caller.userId);
    return [...(identity?.policies.values() ?? [])];
  }

  principalExists(arn: string): boolean {
    const [, accountId] = /^arn:aws:iam::(\d{12}):root$/.exec(arn) ?? [];
    return accountId === undefined ? this.idOfArn(arn) !== undefined : this.accountExists(accountId);
  }

  idOfArn(arn: string): string | undefined {
    return this.findRole(arn)?.roleId ?? [...this.users.values()].find((user) => user.arn === arn)?.userId;
  }

  arnOfId(id: string): string | undefined {
    return (this.roleOfId(id) ?? this.userOfId(id))?.arn;
  }

  roleIdOfName(accountId: string, roleName: string): string | undefined {
    const role = this.roleNamed(accountId, roleName);
    return role?.name === roleName ? role.roleId : undefined;
  }

  private roleOfId(id: string): Role | undefined {
    return [...this.roles.values()].find(({ roleId }) => roleId === id);
  }

  private userOfId(id: string): User | undefined {
    return [...this.users.values()].find(({ userId }) => userId === id);
  }
}

const DAY_MS = 86_400_000;
const rootArn = (accountId: string): string => `arn:aws:iam::${accountId}:root`;
