import { type Credential, type SessionCaller } from './caller.js';
import { newSecretAccessKey, newSessionAccessKeyId, newSessionToken } from './iam-ids.js';
import { type Role } from './identities.js';
import { type PolicyDocument } from './policy-document.js';

export interface SessionOrder {
  role: Role;
  sessionName: string;
  durationSeconds: number;
  sessionPolicy?: PolicyDocument;
  sourceIdentity?: string;
  /** Milliseconds of the sandbox's clock. */
  now: number;
}

/** A temporary key that signs as the role. */
export function roleSession(order: SessionOrder): Credential {
  const accessKeyId = newSessionAccessKeyId();
  const expiresAt = order.now + order.durationSeconds * 1000;
  return {
    accessKeyId,
    secretAccessKey: newSecretAccessKey(),
    sessionToken: newSessionToken(),
    caller: sessionCaller(order, accessKeyId, expiresAt),
    expiresAt,
  };
}

function sessionCaller({ role, sessionName, now, ...chosen }: SessionOrder, accessKeyId: string, expiresAt: number): SessionCaller {
  return {
    kind: 'session',
    accountId: role.accountId,
    arn: `arn:aws:sts::${role.accountId}:assumed-role/${role.name}/${sessionName}`,
    userId: `${role.roleId}:${sessionName}`,
    accessKeyId,
    roleArn: role.arn,
    roleId: role.roleId,
    roleName: role.name,
    sessionName,
    issuedAt: now,
    expiresAt,
    ...(chosen.sessionPolicy && { sessionPolicy: chosen.sessionPolicy }),
    ...(chosen.sourceIdentity !== undefined && { sourceIdentity: chosen.sourceIdentity }),
  };
}
