/** What a request must bring that is good for one request only. */
export type Proof = 'signature' | 'person' | 'authenticator' | 'invitation' | 'acceptance';

/** How requests to an operation that may succeed differ from those to most operations. */
export interface Apart {
  /** Names of credentials; a service with every scope, and the Owner, are let in by most. */
  credentials?: readonly string[];
  proof?: Proof;
  /** The fields of the body, no other and none left out: some fields exclude each other, or are needed together. */
  body?: readonly string[];
  /** Names in the path that stand for what was ended. */
  gone?: readonly string[];
}

export const SERVICES = ['all scopes', 'all scopes, in X-API-Key'];
const BY_A_PERSON = { credentials: ['person'], proof: 'person' } as const;

export const APART: Readonly<Record<string, Apart>> = {
  seal: { credentials: SERVICES },
  unseal: { credentials: SERVICES },
  transferOwnership: { credentials: ['owner', 'heir'] },
  resetMember: { credentials: ['owner', 'heir'] },
  restoreBox: { gone: ['boxId'] },
  restoreVault: { gone: ['vaultId'] },

  openInvitation: { credentials: ['none'], proof: 'invitation', body: ['token'] },
  acceptInvitation: { credentials: ['none'], proof: 'acceptance', body: ['token', 'name', 'password', 'totpSetUp', 'totpCode'] },
  signInWithPassword: { credentials: ['none'], proof: 'person', body: ['workspaceId', 'email', 'password', 'totpCode', 'as'] },
  getSession: BY_A_PERSON,
  signOut: BY_A_PERSON,
  confirmIdentity: { ...BY_A_PERSON, body: ['password', 'totpCode'] },
  changePassword: { ...BY_A_PERSON, body: ['password', 'totpCode', 'newPassword'] },
  openAuthenticator: BY_A_PERSON,
  changeAuthenticator: { credentials: ['person'], proof: 'authenticator', body: ['password', 'totpCode', 'totpSetUp', 'newTotpCode'] },
  renewRecoveryCodes: BY_A_PERSON,
  listSessions: BY_A_PERSON,
  endSession: BY_A_PERSON,
  startOidcConfirmation: BY_A_PERSON,
  openAwsSetup: { credentials: ['set-up link'] },
  proposeKey: { credentials: ['set-up link'] },

  listSignInProviders: { credentials: ['none'] },
  startOidcSignIn: { credentials: ['none'] },
  finishOidcSignIn: { credentials: ['none'] },

  signInWithAws: {
    credentials: ['none'],
    proof: 'signature',
    body: ['workspaceId', 'region', 'authorization', 'amzDate', 'securityToken'],
  },
  cerberusStsIdentity: { credentials: ['AWS signature'] },
  cerberusStsIdentityByHost: { credentials: ['AWS signature, by host'] },
};

/** What a proof is called where a request holds it. */
export const NAMES_OF: Readonly<Record<Proof, ReadonlySet<string>>> = {
  signature: new Set(['region', 'authorization', 'amzDate', 'securityToken']),
  person: new Set(['email', 'password', 'totpCode', 'newPassword', 'sessionId']),
  authenticator: new Set(['password', 'totpCode', 'totpSetUp', 'newTotpCode']),
  invitation: new Set(['token']),
  acceptance: new Set(['token', 'name', 'password', 'totpSetUp', 'totpCode']),
};
