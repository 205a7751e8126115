import { arnIn, type Key, keyState, multiRegionKeyType } from './key.js';
import { encryptionAlgorithms, type KeySpec, type KeyUsage, SIGNING_ALGORITHMS } from './key-spec.js';

/** `KeyMetadata` as DescribeKey answers it. */
export function keyMetadata(key: Key, now: number): Readonly<Record<string, unknown>> {
  const { family, own, arn } = key;
  const state = keyState(own, now);
  return {
    AWSAccountId: family.accountId,
    Arn: arn,
    CreationDate: epochSeconds(own.createdAt),
    ...(family.material.kind === 'symmetric' && { CurrentKeyMaterialId: family.material.materialId }),
    CustomerMasterKeySpec: family.spec,
    Description: own.description,
    Enabled: state === 'Enabled',
    ...algorithmMembers(family.spec, family.usage),
    KeyId: family.keyId,
    KeyManager: 'CUSTOMER',
    KeySpec: family.spec,
    KeyState: state,
    KeyUsage: family.usage,
    MultiRegion: family.multiRegion,
    ...(family.multiRegion && { MultiRegionConfiguration: multiRegionConfiguration(key) }),
    Origin: 'AWS_KMS',
    ...deletionMembers(key),
  };
}

/** Either list, never both. */
export function algorithmMembers(spec: KeySpec, usage: KeyUsage): Readonly<Record<string, unknown>> {
  return usage === 'SIGN_VERIFY' ? { SigningAlgorithms: SIGNING_ALGORITHMS } : { EncryptionAlgorithms: encryptionAlgorithms(spec, usage) };
}

export const epochSeconds = (ms: number): number => ms / 1000;

function multiRegionConfiguration(key: Key): Readonly<Record<string, unknown>> {
  const { family } = key;
  const named = (region: string) => ({ Arn: arnIn(family, region), Region: region });
  const replicas = [...family.regional.keys()].filter((region) => region !== family.primaryRegion).sort();
  return { MultiRegionKeyType: multiRegionKeyType(key), PrimaryKey: named(family.primaryRegion), ReplicaKeys: replicas.map(named) };
}

function deletionMembers({ own }: Key): Readonly<Record<string, unknown>> {
  if (own.standing === 'PendingReplicaDeletion') return { PendingDeletionWindowInDays: own.pendingWindowDays };
  return own.standing === 'PendingDeletion' && own.deletesAt !== undefined ? { DeletionDate: epochSeconds(own.deletesAt) } : {};
}
