import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { IAMClient } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';

export interface SandboxCredentials {
  accessKeyId: string;
  secretAccessKey: string;
}

/** The real SDK as an account's own administrators use it, pointed at a sandbox. */
export function iamClient(url: string, credentials: SandboxCredentials): IAMClient {
  return new IAMClient({ endpoint: url, region: 'us-east-1', credentials });
}

export function kmsClient(url: string, region: string, credentials: SandboxCredentials): KMSClient {
  return new KMSClient({ endpoint: url, region, credentials });
}

export function trailClient(url: string, region: string, credentials: SandboxCredentials): CloudTrailClient {
  return new CloudTrailClient({ endpoint: url, region, credentials });
}
