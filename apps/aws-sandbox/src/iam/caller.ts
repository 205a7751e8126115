import { type PolicyDocument } from './policy-document.js';

/** Who signed a request. `arn` and `userId` are as GetCallerIdentity tells them. */
export type Caller = RootCaller | UserCaller | SessionCaller | FederatedCaller;

interface AnyCaller {
  accountId: string;
  arn: string;
  userId: string;
  accessKeyId: string;
}

export interface RootCaller extends AnyCaller {
  kind: 'root';
}

export interface UserCaller extends AnyCaller {
  kind: 'user';
  userName: string;
}

export interface SessionCaller extends AnyCaller {
  kind: 'session';
  /** The role's IAM ARN, with its path; `arn` is the assumed-role ARN, without it. */
  roleArn: string;
  roleId: string;
  roleName: string;
  sessionName: string;
  /** Milliseconds of the sandbox's clock. */
  issuedAt: number;
  /** Milliseconds of the sandbox's clock. */
  expiresAt: number;
  sessionPolicy?: PolicyDocument;
  sourceIdentity?: string;
}

/** Holds a federation token that a user gave out under a name of its own choice. */
export interface FederatedCaller extends AnyCaller {
  kind: 'federated';
  federatedName: string;
  /** Milliseconds of the sandbox's clock. */
  issuedAt: number;
}

/** What signs requests; `sessionToken` and `expiresAt` only with role sessions and federation tokens. */
export interface Credential {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  caller: Caller;
  expiresAt?: number;
}
