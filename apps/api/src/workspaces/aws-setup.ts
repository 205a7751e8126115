import { type RegionPair, keyArn, permissionPolicy, trustPolicy } from '#aws';
import { awsAudience } from '#sign-in';
import type { AwsSetupQuery, AwsSetupView } from './workspaces.dto.js';

/** The customer's side of an `aws-kms` vault, with this workspace's values. */
export class AwsSetup {
  constructor(
    private readonly principalArn: string,
    private readonly regions: RegionPair,
    private readonly deploymentId: string,
  ) {}

  of(workspaceId: string, { accountId = '<ACCOUNT_ID>', keyId = '<KEY_ID>' }: AwsSetupQuery): AwsSetupView {
    const { principalArn, regions } = this;
    const keyArns = { main: keyArn(regions.main, accountId, keyId), replica: keyArn(regions.replica, accountId, keyId) };
    return {
      principalArn,
      externalId: workspaceId,
      signInAudience: awsAudience(this.deploymentId, workspaceId),
      regions: { main: regions.main, replica: regions.replica },
      key: { keySpec: 'RSA_4096', keyUsage: 'ENCRYPT_DECRYPT', multiRegion: true },
      keyArns,
      trustPolicy: { ...trustPolicy({ principalArn, externalId: workspaceId }) },
      permissionPolicy: { ...permissionPolicy({ keyArns: [keyArns.main, keyArns.replica] }) },
    };
  }
}
