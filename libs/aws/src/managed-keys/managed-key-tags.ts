import type { Tag } from '@aws-sdk/client-kms';

/** Whose a managed key is. One vault key version has one KMS key. */
export interface ManagedKeyName {
  readonly workspaceId: string;
  readonly vaultId: string;
  readonly vaultKeyId: string;
}

/** Names in KMS and in IAM policies: never to be changed. */
export const TAGS = {
  deployment: 'keyhold:deployment',
  workspace: 'keyhold:workspace',
  vault: 'keyhold:vault',
  vaultKey: 'keyhold:vault-key',
} as const;

export function tagsOf({ workspaceId, vaultId, vaultKeyId }: ManagedKeyName, deploymentId: string): Tag[] {
  return [
    { TagKey: TAGS.deployment, TagValue: deploymentId },
    { TagKey: TAGS.workspace, TagValue: workspaceId },
    { TagKey: TAGS.vault, TagValue: vaultId },
    { TagKey: TAGS.vaultKey, TagValue: vaultKeyId },
  ];
}

/** Whether all of them are there: others may have been added by the account's owner. */
export function carries(tags: readonly Tag[], wanted: readonly Tag[]): boolean {
  return wanted.every(({ TagKey, TagValue }) => tags.some((tag) => tag.TagKey === TagKey && tag.TagValue === TagValue));
}

export const ALIAS_PREFIX = 'alias/keyhold/';

/** For people who look at the account, and to pass over keys that are another vault's. */
export function aliasOf({ vaultId, vaultKeyId }: ManagedKeyName): string {
  return `${ALIAS_PREFIX}${vaultId}/${vaultKeyId}`;
}
