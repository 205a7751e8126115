import { type Caller } from '../iam/caller.js';
import { isoSeconds } from '../clock.js';

/** `userIdentity` as the caller's own account sees it. */
export function userIdentity(caller: Caller): Readonly<Record<string, unknown>> {
  const { accountId, accessKeyId, arn } = caller;
  const who = { principalId: caller.userId, arn, accountId, accessKeyId };
  switch (caller.kind) {
    case 'root':
      return { type: 'Root', ...who };
    case 'user':
      return { type: 'IAMUser', ...who, userName: caller.userName };
    case 'federated':
      return { type: 'FederatedUser', ...who };
    case 'session':
      return { type: 'AssumedRole', ...who, sessionContext: sessionContext(caller) };
  }
}

/** What another account gets to see of a caller. */
export const foreignIdentity = (caller: Caller): Readonly<Record<string, unknown>> => ({
  type: 'AWSAccount',
  principalId: caller.userId,
  accountId: caller.accountId,
});

/** LookupEvents' `Username`. */
export function trailUserName(caller: Caller): string {
  switch (caller.kind) {
    case 'root':
      return 'root';
    case 'user':
      return caller.userName;
    case 'federated':
      return caller.federatedName;
    case 'session':
      return caller.sessionName;
  }
}

function sessionContext(caller: Extract<Caller, { kind: 'session' }>): Readonly<Record<string, unknown>> {
  return {
    sessionIssuer: {
      type: 'Role',
      principalId: caller.roleId,
      arn: caller.roleArn,
      accountId: caller.accountId,
      userName: caller.roleName,
    },
    attributes: { creationDate: isoSeconds(caller.issuedAt), mfaAuthenticated: 'false' },
    ...(caller.sourceIdentity !== undefined && { sourceIdentity: caller.sourceIdentity }),
  };
}
