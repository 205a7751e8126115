export type { AwsCall, Trail } from './aws-call.js';
export { AwsError, type AwsErrorCode, type AwsErrorFacts } from './aws-error.js';
export { AWS_LIMITS, type AwsLimits, type AwsOptions, type StaticCredentials } from './aws-options.js';
export {
  CallerIdentities,
  type CallerIdentity,
  type CallerIdentityLimits,
  type CallerIdentityOptions,
} from './caller-identity/caller-identities.js';
export {
  CALLER_IDENTITY_PROBLEMS,
  CallerIdentityError,
  type CallerIdentityFacts,
  type CallerIdentityProblem,
} from './caller-identity/caller-identity-error.js';
export { PROOF_RULES, type ProofRules, type ProofTerms, type SignedIdentity, SignedProof } from './caller-identity/signed-proof.js';
export { type Clock, systemClock } from './clock.js';
export { type CustomerKey, SESSION_PURPOSES, type SessionPurpose } from './customer-key.js';
export { CustomerKms, type KeyAsk } from './customer-kms.js';
export type { Denial } from './denial.js';
export type { KeyDescription } from './key-answers.js';
export { type SetupFile, type SetupFileName, SETUP_FILES, setupFile, type SetupValues } from './onboarding/setup-files.js';
export { KeyAdministrator, type ManagedKeyState } from './managed-keys/key-administrator.js';
export { ManagedKeyAdministration, type ManagedKeyOptions } from './managed-keys/managed-key-administration.js';
export { aliasOf, type ManagedKeyName, TAGS } from './managed-keys/managed-key-tags.js';
export {
  keyPolicy,
  type ManagedKeyRoles,
  managedKeyPolicy,
  permissionPolicy,
  type PolicyDocument,
  type PolicyStatement,
  sessionPolicy,
  trustPolicy,
} from './policy-documents.js';
export { AWS_REGIONS, type AwsRegion, keyArn, type RegionPair, regionPair } from './regions.js';
export { awsCalls, regionFallbacks } from './signals.js';
