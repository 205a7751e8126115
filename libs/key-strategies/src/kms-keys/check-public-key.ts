import { createPublicKey, type KeyObject } from 'node:crypto';
import type { AwsRegion } from '#aws';
import { failed, type Finding, passed } from './finding.js';

const EXPONENT = 65537n;

export interface PublicKeyInRegion {
  region: AwsRegion;
  spki: Buffer;
  /** By the key's description in that Region. */
  modulusBytes: number;
}

/** The key is what its description promises, the same as elsewhere, and the one that was pinned. `pinned` and `other` where known. */
export function checkPublicKey(
  { region, spki, modulusBytes }: PublicKeyInRegion,
  pinned: Buffer | undefined,
  other: Buffer | undefined,
): Finding {
  if (!isRsaKey(spki, modulusBytes)) return failed('public_key', 'public_key_unusable', region);
  if (pinned && !spki.equals(pinned)) return failed('public_key', 'public_key_changed', region);
  if (other && !spki.equals(other)) return failed('public_key', 'public_keys_differ', region);
  return passed('public_key', region);
}

function isRsaKey(spki: Buffer, modulusBytes: number): boolean {
  const key = parsed(spki);
  const { modulusLength, publicExponent } = key?.asymmetricKeyDetails ?? {};
  return key?.asymmetricKeyType === 'rsa' && modulusLength === modulusBytes * 8 && publicExponent === EXPONENT;
}

/** Undefined for anything that is not exactly one DER SubjectPublicKeyInfo: what follows it would be pinned with it. */
function parsed(spki: Buffer): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    return key.export({ format: 'der', type: 'spki' }).equals(spki) ? key : undefined;
  } catch {
    return undefined;
  }
}
