import { type PolicyDocument } from '../iam/policy-document.js';
import { type KeySpec, type KeyUsage } from './key-spec.js';

export const KEY_STATES = ['Creating', 'Enabled', 'Disabled', 'PendingDeletion', 'PendingReplicaDeletion', 'Updating'] as const;
export type KeyState = (typeof KEY_STATES)[number];

export type KeyMaterial =
  | { kind: 'rsa' /** PKCS #8 */; privateKeyPem: string /** DER SubjectPublicKeyInfo, base64 */; publicKey: string }
  | { kind: 'symmetric' /** 256 bits, base64 */; secret: string; materialId: string };

/** What the keys of one id share in all Regions. */
export interface KeyFamily {
  accountId: string;
  keyId: string;
  spec: KeySpec;
  usage: KeyUsage;
  multiRegion: boolean;
  primaryRegion: string;
  material: KeyMaterial;
  regional: Map<string, RegionalKey>;
}

/** What each Region's key has of its own. Times are ms of the sandbox's clock. */
export interface RegionalKey {
  region: string;
  createdAt: number;
  description: string;
  policy: PolicyDocument;
  tags: Map<string, string>;
  standing: 'Enabled' | 'Disabled' | 'PendingDeletion' | 'PendingReplicaDeletion';
  /** KeyState is Creating until then. */
  creatingUntil?: number;
  /** KeyState is Updating until then. */
  updatingUntil?: number;
  deletesAt?: number;
  pendingWindowDays?: number;
}

/** One Region's key together with what it shares: what a request resolves to. */
export interface Key {
  family: KeyFamily;
  own: RegionalKey;
  arn: string;
}

export const keyArn = (region: string, accountId: string, keyId: string): string => `arn:aws:kms:${region}:${accountId}:key/${keyId}`;

export const arnIn = (family: KeyFamily, region: string): string => keyArn(region, family.accountId, family.keyId);

export function keyState(own: RegionalKey, now: number): KeyState {
  if (own.creatingUntil !== undefined && now < own.creatingUntil) return 'Creating';
  if (own.updatingUntil !== undefined && now < own.updatingUntil) return 'Updating';
  return own.standing;
}

export function multiRegionKeyType(key: Key): 'PRIMARY' | 'REPLICA' {
  return key.own.region === key.family.primaryRegion ? 'PRIMARY' : 'REPLICA';
}
