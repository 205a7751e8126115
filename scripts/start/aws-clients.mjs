import { IAMClient } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';

/**
 * Clients of the sandbox that take nothing from the surroundings.
 * @param {string} sandboxUrl
 * @param {{ accessKeyId: string, secretAccessKey: string }} credentials
 */
export function iamClient(sandboxUrl, { accessKeyId, secretAccessKey }) {
  return new IAMClient({ endpoint: sandboxUrl, region: 'us-east-1', credentials: { accessKeyId, secretAccessKey } });
}

/**
 * @param {string} sandboxUrl
 * @param {{ accessKeyId: string, secretAccessKey: string }} credentials
 * @param {string} region
 */
export function kmsClient(sandboxUrl, { accessKeyId, secretAccessKey }, region) {
  return new KMSClient({ endpoint: sandboxUrl, region, credentials: { accessKeyId, secretAccessKey } });
}
