import { AwsJsonError } from '../wire/aws-json.js';
import { validation } from '../wire/shape.js';
import { type Key } from './key.js';
import { checkState } from './key-state-rules.js';
import { type EncryptionAlgorithm, encryptionAlgorithms, KEY_SPECS, type OaepAlgorithm, type RsaSpec } from './key-spec.js';
import { type EncryptionContext } from './symmetric-blob.js';

/**
 * What has to hold before a key encrypts or decrypts, in AWS's order: its state, its usage, the algorithm.
 * @throws AwsJsonError DisabledException, KMSInvalidStateException or InvalidKeyUsageException
 */
export function checkUse(key: Key, operation: 'Encrypt' | 'Decrypt', algorithm: string, now: number): EncryptionAlgorithm {
  checkState(key, 'cryptography', now);
  const { spec, usage } = key.family;
  if (usage !== 'ENCRYPT_DECRYPT') throw invalidUsage(`${key.arn} key usage is ${usage} which is not valid for ${operation}.`);
  const fitting = encryptionAlgorithms(spec, usage).find((candidate) => candidate === algorithm);
  if (fitting === undefined) throw invalidUsage(`Algorithm ${algorithm} is incompatible with key spec ${spec}.`);
  return fitting;
}

/** OAEP has nothing to bind a context to; an empty one is accepted. */
export function refuseContext(context: EncryptionContext | undefined): void {
  if (context === undefined || Object.keys(context).length === 0) return;
  throw validation('EncryptionContext is not supported when encrypting/decrypting with asymmetric CMKs.');
}

export function refuseTooLong(spec: RsaSpec, algorithm: OaepAlgorithm, plaintext: Buffer): void {
  const max = KEY_SPECS[spec].oaepBytesMax[algorithm];
  if (plaintext.length <= max) return;
  throw validation(`Algorithm ${algorithm} and key spec ${spec} cannot encrypt data larger than ${max} bytes.`);
}

/** Comes last: garbage is told from a dry run. */
export function endDryRun(dryRun: boolean | undefined): void {
  if (dryRun) throw new AwsJsonError('DryRunOperationException', 'The request would have succeeded, but the DryRun option is set.');
}

const invalidUsage = (text: string): AwsJsonError => new AwsJsonError('InvalidKeyUsageException', text);
