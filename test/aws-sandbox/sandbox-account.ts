import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateKeyCommand, type CreateKeyCommandInput, KMSClient } from '@aws-sdk/client-kms';
import { AssumeRoleCommand, type AssumeRoleCommandInput, STSClient } from '@aws-sdk/client-sts';
import { type SandboxControl } from '../harness/sandbox.js';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** The SDK's clients for one set of credentials. They try once, so that every refusal is seen as it came. */
export interface Clients {
  credentials: Credentials;
  kms(region?: string): KMSClient;
  sts(region?: string): STSClient;
  trail(region?: string): CloudTrailClient;
  iam: IAMClient;
}

export const MAIN = 'us-east-2';
export const OTHER = 'us-west-2';
export const OAEP = 'RSAES_OAEP_SHA_256';

/** @param clockOffsetSeconds by how much these clients' clocks are ahead, as the sandbox's may be */
export function clientsFor(endpoint: string, credentials: Credentials, clockOffsetSeconds = 0): Clients {
  const config = (region: string) => ({ endpoint, region, credentials, maxAttempts: 1, systemClockOffset: clockOffsetSeconds * 1000 });
  return {
    credentials,
    kms: (region = MAIN) => new KMSClient(config(region)),
    sts: (region = MAIN) => new STSClient(config(region)),
    trail: (region = MAIN) => new CloudTrailClient(config(region)),
    iam: new IAMClient(config('us-east-1')),
  };
}

export interface Account extends Clients {
  accountId: string;
}

/** A new account, seen by its root user. */
export async function anAccount(sandbox: { url: string; control: SandboxControl }): Promise<Account> {
  const { accountId, accessKeyId, secretAccessKey } = await sandbox.control.createAccount();
  return { accountId, ...clientsFor(sandbox.url, { accessKeyId, secretAccessKey }) };
}

export async function aUser(url: string, account: Account, name: string, policy: object): Promise<Clients> {
  await account.iam.send(new CreateUserCommand({ UserName: name }));
  await account.iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName: 'all', PolicyDocument: JSON.stringify(policy) }));
  const { AccessKey } = await account.iam.send(new CreateAccessKeyCommand({ UserName: name }));
  return clientsFor(url, { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' });
}

export async function aRole(account: Account, name: string, trust: object, policy: object): Promise<string> {
  const { Role } = await account.iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) }));
  await account.iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'all', PolicyDocument: JSON.stringify(policy) }));
  return Role?.Arn ?? '';
}

export async function assume(url: string, by: Clients, input: AssumeRoleCommandInput): Promise<Clients> {
  const { Credentials: issued } = await by.sts().send(new AssumeRoleCommand(input));
  return clientsFor(url, {
    accessKeyId: issued?.AccessKeyId ?? '',
    secretAccessKey: issued?.SecretAccessKey ?? '',
    sessionToken: issued?.SessionToken ?? '',
  });
}

export const statement = (action: string | string[], resource: string | string[] = '*') => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: action, Resource: resource }],
});

export const trust = (principalArn: string, externalId?: string) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { AWS: principalArn },
      Action: 'sts:AssumeRole',
      ...(externalId !== undefined && { Condition: { StringEquals: { 'sts:ExternalId': externalId } } }),
    },
  ],
});

/** A multi-Region RSA_2048 key, which costs least, unless ordered otherwise. @returns its id */
export async function aKey(kms: KMSClient, order: CreateKeyCommandInput = {}): Promise<string> {
  const { KeyMetadata } = await kms.send(
    new CreateKeyCommand({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT', MultiRegion: true, ...order }),
  );
  return KeyMetadata?.KeyId ?? '';
}

/** `Name: message`, or what came instead of a refusal. */
export async function refusalOf(sent: Promise<unknown>): Promise<string> {
  try {
    await sent;
    return 'no refusal';
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}
