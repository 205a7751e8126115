import { keyArn, type RegionPair } from './regions.js';
import { type PolicyDocument, sessionPolicy } from './policy-documents.js';

/** A customer's key and the way to it, in full: whatever differs in one of these is another identity. */
export interface CustomerKey {
  readonly workspaceId: string;
  readonly vaultId: string;
  readonly accountId: string;
  /** `mrk-…`, the same in both Regions. */
  readonly keyId: string;
  readonly roleArn: string;
  readonly externalId: string;
}

/** What a session is for. The customer reads it in CloudTrail. */
export const SESSION_PURPOSES = ['seal', 'unseal', 'probe'] as const;
export type SessionPurpose = (typeof SESSION_PURPOSES)[number];

const NAME_PART_CHARS = 8;

/** `keyhold.<workspace>.<vault>.<purpose>`: all that survives of the asker in the customer's CloudTrail. */
export function sessionName({ workspaceId, vaultId }: CustomerKey, purpose: SessionPurpose): string {
  return `keyhold.${workspaceId.slice(0, NAME_PART_CHARS)}.${vaultId.slice(0, NAME_PART_CHARS)}.${purpose}`;
}

export function keyArns({ accountId, keyId }: CustomerKey, { main, replica }: RegionPair): string[] {
  return [keyArn(main, accountId, keyId), keyArn(replica, accountId, keyId)];
}

export function sessionPolicyOf(key: CustomerKey, regions: RegionPair): PolicyDocument {
  return sessionPolicy({ keyArns: keyArns(key, regions) });
}

/** Of what all vaults of a workspace share. */
export function workspacePrefix(workspaceId: string): string {
  return JSON.stringify([workspaceId]);
}

/** Cache key of a vault's sessions. JSON, so that no two identities share one whatever characters they are made of. */
export function vaultPrefix(workspaceId: string, vaultId: string): string {
  return JSON.stringify([workspaceId, vaultId]);
}

export function sessionIdentity(key: CustomerKey, purpose: SessionPurpose): string {
  const way = JSON.stringify([key.roleArn, key.externalId, key.accountId, key.keyId, purpose]);
  return vaultPrefix(key.workspaceId, key.vaultId) + way;
}
