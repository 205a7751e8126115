import { CreateAccessKeyCommand, CreateRoleCommand, CreateUserCommand, GetRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { iamClient } from './aws-clients.mjs';
import { managedKeyRoles } from './managed-key-roles.mjs';
import { openAccount } from './sandbox-control.mjs';

const FILE = 'secrets/platform-account.json';
const USER = 'keyhold-service';
const ROLE = 'keyhold-key-access';

/**
 * The account that Keyhold itself has in the sandbox: a user for the API, and the role that it assumes and that
 * customers name in their trust policies, and two roles for the keys that it makes itself. Kept between runs, because customers trust this very role.
 *
 * @typedef {{ accountId: string, root: { accessKeyId: string, secretAccessKey: string }, roleArn: string,
 *   user: { accessKeyId: string, secretAccessKey: string },
 *   managedKeys: import('./managed-key-roles.mjs').ManagedKeyRoles }} PlatformAccount
 * @param {import('./data-folder.mjs').DataFolder} folder
 * @param {string} sandboxUrl
 * @returns {Promise<PlatformAccount>}
 */
export async function platformAccount(folder, sandboxUrl) {
  const kept = folder.readJson(FILE);
  const account = kept && (await isThere(sandboxUrl, kept)) ? kept : await openPlatformAccount(sandboxUrl);
  if (account.managedKeys) return account;
  const { accountId, root, roleArn: principalArn } = account;
  const managedKeys = await managedKeyRoles(iamClient(sandboxUrl, root), { accountId, principalArn });
  const whole = { ...account, managedKeys };
  folder.writeJson(FILE, whole);
  return whole;
}

/** @param {string} sandboxUrl @param {PlatformAccount} account */
async function isThere(sandboxUrl, account) {
  try {
    await iamClient(sandboxUrl, account.root).send(new GetRoleCommand({ RoleName: ROLE }));
    return true;
  } catch (error) {
    if (error.name === 'InvalidClientTokenId' || error.name === 'NoSuchEntityException') return false; // the sandbox was emptied
    throw error;
  }
}

/** @param {string} sandboxUrl @returns {Promise<Omit<PlatformAccount, 'managedKeys'>>} */
async function openPlatformAccount(sandboxUrl) {
  const { accountId, ...root } = await openAccount(sandboxUrl);
  const iam = iamClient(sandboxUrl, root);
  /** @type {{ User?: any }} */
  const { User } = await iam.send(new CreateUserCommand({ UserName: USER }));
  /** @type {{ AccessKey?: any }} */
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: USER }));
  /** @type {{ Role?: any }} */
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: ROLE, AssumeRolePolicyDocument: trusting(User.Arn) }));
  await iam.send(new PutRolePolicyCommand({ RoleName: ROLE, PolicyName: 'assume-customer-roles', PolicyDocument: ASSUME_ANY_ROLE }));
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = AccessKey;
  return { accountId, root, roleArn: Role.Arn, user: { accessKeyId, secretAccessKey } };
}

/** @param {string} userArn */
const trusting = (userArn) => policy({ Effect: 'Allow', Principal: { AWS: userArn }, Action: 'sts:AssumeRole' });

/** @param {object} statement */
const policy = (statement) => JSON.stringify({ Version: '2012-10-17', Statement: [statement] });

const ASSUME_ANY_ROLE = policy({ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: 'arn:aws:iam::*:role/*' });
