import { CreateRoleCommand, type IAMClient, PutRolePolicyCommand, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  type KeySpec,
  type KeyUsageType,
  type KMSClient,
  PutKeyPolicyCommand,
  ReplicateKeyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { keyArn, permissionPolicy, type RegionPair, regionPair, trustPolicy } from '#aws';
import type { SandboxControl } from './sandbox.js';
import { iamClient, kmsClient } from './sandbox-clients.js';

export const REGIONS: RegionPair = regionPair('us-east-2', 'us-west-2');

const ROLE_NAME = 'keyhold-byok';
const POLICY_NAME = 'keyhold';

export interface CustomerOrder {
  externalId: string;
  principalArn: string;
  regions?: RegionPair;

  // What follows departs from the set-up guide.
  keySpec?: KeySpec;
  keyUsage?: KeyUsageType;
  multiRegion?: boolean;
  noReplica?: boolean;
  /** The replica is made in the other Region of the pair. */
  primaryRegion?: string;
  /** In place of the document that the product hands out. */
  trustPolicy?: object;
  /** Likewise; null leaves the role without any. */
  permissionPolicy?: object | null;
  /** In place of AWS's default key policy, per Region. */
  keyPolicy?: Readonly<Record<string, object>>;
  rolePath?: string;
}

/** A customer's AWS account, and its administrators' acts in it. */
export interface Customer {
  accountId: string;
  keyId: string;
  roleArn: string;
  roleName: string;
  /** What the customer types in Keyhold. */
  target: { accountId: string; keyId: string; roleArn: string };
  keyArns: { main: string; replica: string };
  iam: IAMClient;
  kms(region: string): KMSClient;
  disableKey(region: string): Promise<void>;
  enableKey(region: string): Promise<void>;
  scheduleKeyDeletion(region: string): Promise<void>;
  putKeyPolicy(region: string, policy: object): Promise<void>;
  putPermissionPolicy(policy: object): Promise<void>;
  putTrustPolicy(policy: object): Promise<void>;
}

/** An account set up as the guide says, through the real SDK, but for the ordered deviations. */
export async function aCustomer(sandbox: { url: string; control: SandboxControl }, order: CustomerOrder): Promise<Customer> {
  const { accountId, ...root } = await sandbox.control.createAccount();
  const { main, replica } = order.regions ?? REGIONS;
  const iam = iamClient(sandbox.url, root);
  const kmsIn = new Map([main, replica, order.primaryRegion ?? main].map((region) => [region, kmsClient(sandbox.url, region, root)]));
  const kms = (region: string) => kmsIn.get(region) ?? kmsClient(sandbox.url, region, root);

  const keyId = await createKey(kms, { main, replica }, order);
  const keyArns = { main: keyArn(main, accountId, keyId), replica: keyArn(replica, accountId, keyId) };
  await createRole(iam, order, [keyArns.main, keyArns.replica]);
  const roleArn = `arn:aws:iam::${accountId}:role${order.rolePath ?? '/'}${ROLE_NAME}`;
  return {
    accountId,
    keyId,
    roleArn,
    roleName: ROLE_NAME,
    target: { accountId, keyId, roleArn },
    keyArns,
    iam,
    kms,
    ...administration(iam, kms, keyId),
  };
}

async function createKey(kms: Customer['kms'], { main, replica }: RegionPair, order: CustomerOrder): Promise<string> {
  const { keySpec = 'RSA_4096', keyUsage = 'ENCRYPT_DECRYPT', multiRegion = true, primaryRegion = main } = order;
  const made = await kms(primaryRegion).send(
    new CreateKeyCommand({ KeySpec: keySpec, KeyUsage: keyUsage, MultiRegion: multiRegion, ...policyOf(order, primaryRegion) }),
  );
  const keyId = made.KeyMetadata?.KeyId ?? '';
  if (!multiRegion || order.noReplica) return keyId;
  const other = primaryRegion === main ? replica : main;
  await kms(primaryRegion).send(new ReplicateKeyCommand({ KeyId: keyId, ReplicaRegion: other, ...policyOf(order, other) }));
  await isEnabled(kms(other), keyId);
  return keyId;
}

function policyOf({ keyPolicy }: CustomerOrder, region: string): { Policy?: string; BypassPolicyLockoutSafetyCheck?: boolean } {
  const policy = keyPolicy?.[region];
  return policy ? { Policy: JSON.stringify(policy), BypassPolicyLockoutSafetyCheck: true } : {};
}

/** A replica is Creating for a while. */
async function isEnabled(kms: KMSClient, keyId: string): Promise<void> {
  for (;;) {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: keyId }));
    if (KeyMetadata?.KeyState !== 'Creating') return;
  }
}

async function createRole(iam: IAMClient, order: CustomerOrder, keyArns: string[]): Promise<void> {
  const trust = order.trustPolicy ?? trustPolicy(order);
  const permission = order.permissionPolicy === undefined ? permissionPolicy({ keyArns }) : order.permissionPolicy;
  const path = order.rolePath === undefined ? {} : { Path: order.rolePath };
  await iam.send(new CreateRoleCommand({ RoleName: ROLE_NAME, AssumeRolePolicyDocument: JSON.stringify(trust), ...path }));
  if (permission) await putPermissionPolicy(iam, permission);
}

async function putPermissionPolicy(iam: IAMClient, policy: object): Promise<void> {
  await iam.send(new PutRolePolicyCommand({ RoleName: ROLE_NAME, PolicyName: POLICY_NAME, PolicyDocument: JSON.stringify(policy) }));
}

function administration(iam: IAMClient, kms: Customer['kms'], keyId: string) {
  return {
    disableKey: async (region: string) => {
      await kms(region).send(new DisableKeyCommand({ KeyId: keyId }));
    },
    enableKey: async (region: string) => {
      await kms(region).send(new EnableKeyCommand({ KeyId: keyId }));
    },
    scheduleKeyDeletion: async (region: string) => {
      await kms(region).send(new ScheduleKeyDeletionCommand({ KeyId: keyId, PendingWindowInDays: 7 }));
    },
    putKeyPolicy: async (region: string, policy: object) => {
      const document = { KeyId: keyId, Policy: JSON.stringify(policy), BypassPolicyLockoutSafetyCheck: true };
      await kms(region).send(new PutKeyPolicyCommand(document));
    },
    putPermissionPolicy: (policy: object) => putPermissionPolicy(iam, policy),
    putTrustPolicy: async (policy: object) => {
      await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: ROLE_NAME, PolicyDocument: JSON.stringify(policy) }));
    },
  };
}
