import { type Credential } from './caller.js';
import { newSecretAccessKey, newSessionAccessKeyId, newSessionToken } from './iam-ids.js';

export interface FederationOrder {
  accountId: string;
  name: string;
  durationSeconds: number;
  /** Milliseconds of the sandbox's clock. */
  now: number;
}

export const federatedUserArn = ({ accountId, name }: { accountId: string; name: string }): string =>
  `arn:aws:sts::${accountId}:federated-user/${name}`;

/** A temporary key that signs as a federated user. It comes without a session policy, so that its holder may do nothing. */
export function federatedSession({ accountId, name, durationSeconds, now }: FederationOrder): Credential {
  const accessKeyId = newSessionAccessKeyId();
  return {
    accessKeyId,
    secretAccessKey: newSecretAccessKey(),
    sessionToken: newSessionToken(),
    expiresAt: now + durationSeconds * 1000,
    caller: {
      kind: 'federated',
      accountId,
      arn: federatedUserArn({ accountId, name }),
      userId: `${accountId}:${name}`,
      accessKeyId,
      federatedName: name,
      issuedAt: now,
    },
  };
}
