import { CreateRoleCommand, PutRolePolicyCommand, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, DescribeKeyCommand, ReplicateKeyCommand } from '@aws-sdk/client-kms';
import { setTimeout as delay } from 'node:timers/promises';
import { iamClient, kmsClient } from './aws-clients.mjs';
import { MAIN_REGION, REPLICA_REGION } from './regions.mjs';
import { openAccount } from './sandbox-control.mjs';

const FILE = 'secrets/customer-account.json';
const ROLE = 'keyhold-vault-access';
const POLICY = 'use-the-vault-key';
const POLL_MS = 100;
const REPLICA_MS_MAX = 60_000;

/**
 * A customer in the sandbox with a key as Keyhold asks for: RSA_4096, multi-Region, primary and replica. Kept between
 * runs.
 *
 * @typedef {{ accountId: string, keyId: string, root: { accessKeyId: string, secretAccessKey: string } }} CustomerAccount
 * @param {import('./data-folder.mjs').DataFolder} folder
 * @param {string} sandboxUrl
 * @param {import('./progress.mjs').Progress} progress
 */
export function customerAccount(folder, sandboxUrl, progress) {
  return progress.step(
    'Customer account and key',
    () => keptOrNew(folder, sandboxUrl),
    ({ accountId, keyId }) =>
      `Customer account ${accountId} with the key ${keyId} (RSA_4096) in ${MAIN_REGION}, replica in ${REPLICA_REGION}`,
  );
}

/**
 * @param {import('./data-folder.mjs').DataFolder} folder
 * @param {string} sandboxUrl
 * @returns {Promise<CustomerAccount>}
 */
async function keptOrNew(folder, sandboxUrl) {
  const kept = folder.readJson(FILE);
  if (kept && (await isThere(sandboxUrl, kept))) return kept;
  const { accountId, ...root } = await openAccount(sandboxUrl);
  const account = { accountId, keyId: await createKey(sandboxUrl, root), root };
  folder.writeJson(FILE, account);
  folder.write('secrets/customer-aws-credentials', awsCredentialsFile(root));
  return account;
}

/**
 * The customer's role, with the two policies that Keyhold wrote for this workspace.
 * @param {string} sandboxUrl
 * @param {CustomerAccount} customer
 * @param {{ trustPolicy: object, permissionPolicy: object }} policies
 * @returns {Promise<string>} the role's ARN
 */
export async function putCustomerRole(sandboxUrl, customer, { trustPolicy, permissionPolicy }) {
  const iam = iamClient(sandboxUrl, customer.root);
  const trust = JSON.stringify(trustPolicy);
  try {
    await iam.send(new CreateRoleCommand({ RoleName: ROLE, AssumeRolePolicyDocument: trust }));
  } catch (error) {
    if (error.name !== 'EntityAlreadyExistsException') throw error;
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: ROLE, PolicyDocument: trust }));
  }
  await iam.send(new PutRolePolicyCommand({ RoleName: ROLE, PolicyName: POLICY, PolicyDocument: JSON.stringify(permissionPolicy) }));
  return `arn:aws:iam::${customer.accountId}:role/${ROLE}`;
}

/** Whatever state the key is in: disabling it is the customer's right, and no reason to make another. */
async function isThere(sandboxUrl, { keyId, root }) {
  try {
    await kmsClient(sandboxUrl, root, MAIN_REGION).send(new DescribeKeyCommand({ KeyId: keyId }));
    return true;
  } catch (error) {
    if (error.name === 'UnrecognizedClientException' || error.name === 'NotFoundException') return false; // the sandbox was emptied
    throw error;
  }
}

/** @param {string} sandboxUrl @param {CustomerAccount['root']} root */
async function createKey(sandboxUrl, root) {
  const kms = kmsClient(sandboxUrl, root, MAIN_REGION);
  /** @type {{ KeyMetadata?: any }} */
  const { KeyMetadata } = await kms.send(
    new CreateKeyCommand({ KeySpec: 'RSA_4096', KeyUsage: 'ENCRYPT_DECRYPT', MultiRegion: true, Description: 'Vault key for Keyhold' }),
  );
  const { KeyId } = KeyMetadata;
  await kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: REPLICA_REGION }));
  await enabled(kmsClient(sandboxUrl, root, REPLICA_REGION), KeyId);
  return KeyId;
}

/** A replica is `Creating` at first. @param {import('@aws-sdk/client-kms').KMSClient} kms @param {string} keyId */
async function enabled(kms, keyId) {
  for (let waited = 0; waited < REPLICA_MS_MAX; waited += POLL_MS) {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: keyId }));
    if (KeyMetadata?.KeyState === 'Enabled') return;
    await delay(POLL_MS);
  }
  throw new Error(`The replica of ${keyId} was not enabled after ${REPLICA_MS_MAX / 1000} s.`);
}

/** For the AWS CLI, to act as the customer: AWS_SHARED_CREDENTIALS_FILE names the file. */
function awsCredentialsFile({ accessKeyId, secretAccessKey }) {
  return `[default]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
}
