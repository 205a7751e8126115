import type { RegionPair } from '../regions.js';

/** What a customer's set-up must be made for. */
export interface SetupValues {
  /** The role of this service, which the customer's role lets in. */
  readonly principalArn: string;
  readonly externalId: string;
  readonly regions: RegionPair;
}

/** How the key must be made. */
export const KEY_TERMS = { keySpec: 'RSA_4096', keyUsage: 'ENCRYPT_DECRYPT', deletionWindowDays: 30 } as const;

export const DESCRIPTIONS = {
  key: 'Protects the vaults of a Keyhold workspace. What is sealed under it is lost when it is deleted.',
  role: 'Lets Keyhold use the key that protects the vaults of a workspace, and nothing else.',
} as const;

export const INLINE_POLICY_NAME = 'use-vault-key';

/** What the role is called, and the alias of the key: another one for each workspace of a customer, and the same in every set-up file. */
export function setupName({ externalId }: SetupValues): string {
  return `keyhold-${externalId.slice(-12)}`;
}
