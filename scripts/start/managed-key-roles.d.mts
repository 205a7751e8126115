import type { IAMClient } from '@aws-sdk/client-iam';

export interface ManagedKeyRoles {
  userRoleArn: string;
  administratorRoleArn: string;
}
export declare function managedKeyRoles(
  iam: IAMClient,
  facts: { accountId: string; principalArn: string; deploymentId?: string },
): Promise<ManagedKeyRoles>;
