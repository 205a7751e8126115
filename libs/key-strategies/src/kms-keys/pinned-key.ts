import { createPublicKey } from 'node:crypto';
import type { AwsKmsConfig } from './aws-kms-config.js';

/** The public key that registration pinned, as DER of the SubjectPublicKeyInfo. */
export function pinnedSpki({ publicKey }: AwsKmsConfig): Buffer {
  return Buffer.from(publicKey, 'base64');
}

/** Size of everything that is wrapped under the key. */
export function modulusBytesOf(config: AwsKmsConfig): number {
  const key = createPublicKey({ key: pinnedSpki(config), format: 'der', type: 'spki' });
  return (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
}
