import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';

const USER_ROLE = 'keyhold-managed-key-user';
const ADMINISTRATOR_ROLE = 'keyhold-managed-key-administrator';
/** As the service tags every key that it makes. */
const DEPLOYMENT_TAG = 'keyhold:deployment';

/**
 * The two roles of the platform's account behind the strategy `managed`: one uses the keys that Keyhold makes, the other makes
 * and ends them. The keys' own policies name them and nobody else; what stands here keeps them to Keyhold's keys. Both let in the
 * service's principal alone. They are never made anew: the keys trust these very roles.
 *
 * @typedef {{ userRoleArn: string, administratorRoleArn: string }} ManagedKeyRoles
 * @param {import('@aws-sdk/client-iam').IAMClient} iam
 * @param {{ accountId: string, principalArn: string, deploymentId?: string }} facts
 * @returns {Promise<ManagedKeyRoles>}
 */
export async function managedKeyRoles(iam, { accountId, principalArn, deploymentId = 'keyhold' }) {
  await putRole(iam, USER_ROLE, principalArn, userPolicy(deploymentId));
  await putRole(iam, ADMINISTRATOR_ROLE, principalArn, administratorPolicy(accountId, deploymentId));
  const arnOf = (/** @type {string} */ role) => `arn:aws:iam::${accountId}:role/${role}`;
  return { userRoleArn: arnOf(USER_ROLE), administratorRoleArn: arnOf(ADMINISTRATOR_ROLE) };
}

/**
 * @param {import('@aws-sdk/client-iam').IAMClient} iam
 * @param {string} name @param {string} principalArn @param {string} permissions
 */
async function putRole(iam, name, principalArn, permissions) {
  const trust = policy({ Effect: 'Allow', Principal: { AWS: principalArn }, Action: 'sts:AssumeRole' });
  try {
    await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust }));
  } catch (error) {
    if (error.name !== 'EntityAlreadyExistsException') throw error;
  }
  await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'managed-keys', PolicyDocument: permissions }));
}

/** Allows nothing: that is the keys' own affair. And nothing on any key but those with the tag. @param {string} deploymentId */
const userPolicy = (deploymentId) =>
  policy({
    Effect: 'Deny',
    Action: 'kms:*',
    Resource: '*',
    Condition: { StringNotEquals: { [`aws:ResourceTag/${DEPLOYMENT_TAG}`]: deploymentId } },
  });

/** Makes keys with the tag, and sees which there are; what it may do with one stands in the key's policy. */
const administratorPolicy = (/** @type {string} */ accountId, /** @type {string} */ deploymentId) =>
  policy(
    {
      Effect: 'Allow',
      Action: 'kms:CreateKey',
      Resource: '*',
      Condition: {
        StringEquals: {
          [`aws:RequestTag/${DEPLOYMENT_TAG}`]: deploymentId,
          'kms:KeySpec': 'RSA_4096',
          'kms:KeyUsage': 'ENCRYPT_DECRYPT',
        },
        Bool: { 'kms:MultiRegion': 'true' },
      },
    },
    {
      Effect: 'Allow',
      Action: 'kms:TagResource',
      Resource: '*',
      Condition: { StringEquals: { [`aws:RequestTag/${DEPLOYMENT_TAG}`]: deploymentId } },
    },
    { Effect: 'Allow', Action: 'kms:CreateAlias', Resource: `arn:aws:kms:*:${accountId}:alias/keyhold/*` },
    { Effect: 'Allow', Action: ['kms:ListKeys', 'kms:ListAliases', 'kms:DescribeKey'], Resource: '*' },
  );

/** @param {object[]} statements */
const policy = (...statements) => JSON.stringify({ Version: '2012-10-17', Statement: statements });
