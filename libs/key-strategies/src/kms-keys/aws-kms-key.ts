import { type AwsRegion, type CustomerKey, type CustomerKms, keyArn } from '#aws';
import type { VaultKey } from '../contract.js';
import type { AwsKmsTarget } from './aws-kms-config.js';
import type { RemedyFacts } from './remedy.js';

/** The external ID is the workspace's id: never chosen by the customer, never used for another tenant. */
export function customerKeyOf({ workspaceId, vaultId }: VaultKey, { accountId, keyId, roleArn }: AwsKmsTarget): CustomerKey {
  return { workspaceId, vaultId, accountId, keyId, roleArn, externalId: workspaceId };
}

/** What remedies may say about this key; `operation` as AWS names it. */
export function remedyFactsOf(aws: CustomerKms, key: CustomerKey, region?: AwsRegion, operation?: string): RemedyFacts {
  const { accountId, keyId, roleArn, externalId } = key;
  const { main, replica } = aws.regions;
  const facts = { main, replica, accountId, roleArn, externalId, principalArn: aws.principalArn };
  return {
    ...facts,
    ...(region && { region, keyArn: keyArn(region, accountId, keyId) }),
    ...(operation && { action: `kms:${operation}` }),
  };
}
