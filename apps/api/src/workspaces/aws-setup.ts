import {
  type RegionPair,
  type SetupFile,
  type SetupFileName,
  type SetupValues,
  keyArn,
  permissionPolicy,
  setupFile,
  trustPolicy,
} from '#aws';
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
    const { principalArn, externalId, regions } = this.#values(workspaceId);
    const keyArns = { main: keyArn(regions.main, accountId, keyId), replica: keyArn(regions.replica, accountId, keyId) };
    return {
      principalArn,
      externalId,
      signInAudience: awsAudience(this.deploymentId, workspaceId),
      regions: { main: regions.main, replica: regions.replica },
      key: { keySpec: 'RSA_4096', keyUsage: 'ENCRYPT_DECRYPT', multiRegion: true },
      keyArns,
      trustPolicy: { ...trustPolicy({ principalArn, externalId }) },
      permissionPolicy: { ...permissionPolicy({ keyArns: [keyArns.main, keyArns.replica] }) },
    };
  }

  /** The same set-up as a file that makes it. */
  file(workspaceId: string, name: SetupFileName): SetupFile {
    return setupFile(name, this.#values(workspaceId));
  }

  #values(workspaceId: string): SetupValues {
    return { principalArn: this.principalArn, externalId: workspaceId, regions: this.regions };
  }
}
