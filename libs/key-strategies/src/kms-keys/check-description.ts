import type { AwsRegion, KeyDescription, RegionPair } from '#aws';
import type { Failure, Warning } from './causes.js';
import { failed, type Finding, passed } from './finding.js';

/** Modulus size in bytes; a spec that is not here is refused. */
export const MODULUS_BYTES: ReadonlyMap<string, number> = new Map([
  ['RSA_4096', 512],
  ['RSA_3072', 384],
]);

const STATES: ReadonlyMap<string, Failure | 'usable'> = new Map([
  ['Enabled', 'usable'],
  // Encrypt and Decrypt keep working while the primary Region changes.
  ['Updating', 'usable'],
  ['Disabled', 'key_disabled'],
  ['PendingDeletion', 'key_pending_deletion'],
  ['PendingReplicaDeletion', 'key_pending_deletion'],
  ['Creating', 'key_not_ready'],
]);

/** Everything that DescribeKey shows to be wrong in one Region, or one passed check, with its reservation if there is one. */
export function checkDescription(description: KeyDescription, region: AwsRegion, regions: RegionPair): Finding[] {
  const wrong = [
    stateFailure(description),
    usageFailure(description),
    specFailure(description),
    placeFailure(description, region, regions),
  ];
  const findings = wrong.filter((cause) => cause !== undefined).map((cause) => failed('describe_key', cause, region));
  return findings.length > 0 ? findings : [passed('describe_key', region, warningOf(description))];
}

function stateFailure({ state }: KeyDescription): Failure | undefined {
  const found = STATES.get(state) ?? 'key_not_usable';
  return found === 'usable' ? undefined : found;
}

function usageFailure({ usage }: KeyDescription): Failure | undefined {
  return usage === 'ENCRYPT_DECRYPT' ? undefined : 'key_usage_not_encrypt';
}

function specFailure({ spec }: KeyDescription): Failure | undefined {
  if (MODULUS_BYTES.has(spec)) return undefined;
  return spec === 'RSA_2048' ? 'key_too_small' : 'key_spec_not_rsa';
}

function placeFailure(
  { isMultiRegion, multiRegionType, primaryRegion }: KeyDescription,
  region: AwsRegion,
  { main }: RegionPair,
): Failure | undefined {
  if (!isMultiRegion) return 'key_not_multi_region';
  const expected = region === main ? 'PRIMARY' : 'REPLICA';
  return multiRegionType === expected && primaryRegion === main ? undefined : 'primary_in_wrong_region';
}

function warningOf({ spec, origin }: KeyDescription): Warning | undefined {
  if (origin !== 'AWS_KMS') return 'key_material_imported';
  return spec === 'RSA_3072' ? 'key_spec_rsa_3072' : undefined;
}
