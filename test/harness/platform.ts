import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import type { ManagedKeyRoles } from '#aws';
import { managedKeyRoles } from '../../scripts/start/managed-key-roles.mjs';
import type { SandboxControl } from './sandbox.js';
import { iamClient, type SandboxCredentials } from './sandbox-clients.js';

/** The service's own AWS account: a user with an access key that may become the principal role, which may assume customers' roles, and the two roles of managed keys. */
export interface Platform {
  accountId: string;
  principalArn: string;
  baseCredentials: SandboxCredentials;
  /** For the keys that the service makes itself. */
  managedKeys: ManagedKeyRoles;
  /** The account's root user. */
  root: SandboxCredentials;
}

const USER = 'keyhold-service';

/** @param deploymentId what the keys are tagged with that the service makes; the service's own default when nothing is said */
export async function aPlatform(
  sandbox: { url: string; control: SandboxControl },
  { principalName = 'keyhold-principal', deploymentId }: { principalName?: string; deploymentId?: string | undefined } = {},
): Promise<Platform> {
  const { accountId, ...root } = await sandbox.control.createAccount();
  const iam = iamClient(sandbox.url, root);
  const userArn = `arn:aws:iam::${accountId}:user/${USER}`;
  const principalArn = `arn:aws:iam::${accountId}:role/${principalName}`;
  await iam.send(new CreateUserCommand({ UserName: USER }));
  await iam.send(new PutUserPolicyCommand({ UserName: USER, PolicyName: 'become-principal', PolicyDocument: mayAssume(principalArn) }));
  await iam.send(new CreateRoleCommand({ RoleName: principalName, AssumeRolePolicyDocument: trusts(userArn) }));
  await iam.send(new PutRolePolicyCommand({ RoleName: principalName, PolicyName: 'assume-customers', PolicyDocument: mayAssume('*') }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: USER }));
  if (!AccessKey?.AccessKeyId || !AccessKey.SecretAccessKey) throw new Error('the sandbox made no access key');
  const managedKeys = await managedKeyRoles(iam, { accountId, principalArn, ...(deploymentId !== undefined && { deploymentId }) });
  const baseCredentials = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
  return { accountId, principalArn, baseCredentials, managedKeys, root };
}

const mayAssume = (roleArn: string): string => policy({ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: roleArn });

const trusts = (principalArn: string): string => policy({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: principalArn } });

const policy = (statement: object): string => JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
