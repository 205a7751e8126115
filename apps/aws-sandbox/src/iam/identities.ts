import { type PolicyDocument } from './policy-document.js';

interface Identity {
  accountId: string;
  arn: string;
  /** Starts and ends with `/`. */
  path: string;
  name: string;
  /** Milliseconds of the sandbox's clock. */
  createdAt: number;
  /** Inline policies by name. */
  policies: Map<string, PolicyDocument>;
}

export interface Role extends Identity {
  roleId: string;
  description?: string;
  maxSessionDurationSeconds: number;
  trustPolicy: PolicyDocument;
}

export interface User extends Identity {
  userId: string;
}

/** Names of roles and of users are unique in their account whatever their case. */
export const identityKey = ({ accountId, name }: { accountId: string; name: string }): string => `${accountId}/${name.toLowerCase()}`;

export const roleArn = ({ accountId, path, name }: { accountId: string; path: string; name: string }): string =>
  `arn:aws:iam::${accountId}:role${path}${name}`;
export const userArn = ({ accountId, path, name }: { accountId: string; path: string; name: string }): string =>
  `arn:aws:iam::${accountId}:user${path}${name}`;
