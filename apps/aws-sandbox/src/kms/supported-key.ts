import { AwsJsonError } from '../wire/aws-json.js';
import { validation } from '../wire/shape.js';
import { isRsaSpec, type KeySpec, type KeyUsage } from './key-spec.js';

/** @throws AwsJsonError ValidationException, or UnsupportedOperationException for a spec that only the real KMS makes */
export function supportedSpec(spec: string | undefined, deprecatedSpec: string | undefined): KeySpec {
  if (spec !== undefined && deprecatedSpec !== undefined && spec !== deprecatedSpec) {
    throw validation('You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.');
  }
  const wanted = spec ?? deprecatedSpec ?? 'SYMMETRIC_DEFAULT';
  if (wanted === 'SYMMETRIC_DEFAULT' || isRsaSpec(wanted)) return wanted;
  throw new AwsJsonError('UnsupportedOperationException', `The sandbox makes no keys of KeySpec ${wanted}.`);
}

export function supportedUsage(spec: KeySpec, usage: string | undefined): KeyUsage {
  if (usage === undefined && spec !== 'SYMMETRIC_DEFAULT') throw validation('You must specify a KeyUsage value for an asymmetric CMK.');
  const wanted = usage ?? 'ENCRYPT_DECRYPT';
  if (wanted === 'ENCRYPT_DECRYPT' || (wanted === 'SIGN_VERIFY' && spec !== 'SYMMETRIC_DEFAULT')) return wanted;
  throw validation(`KeyUsage ${wanted} is not compatible with KeySpec ${spec}`);
}
