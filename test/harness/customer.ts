import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  type IAMClient,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CancelKeyDeletionCommand,
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
import { iamClient, kmsClient, type SandboxCredentials, trailClient } from './sandbox-clients.js';

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
  /** Leaves the key disabled, as AWS does. */
  cancelKeyDeletion(region: string): Promise<void>;
  putKeyPolicy(region: string, policy: object): Promise<void>;
  putPermissionPolicy(policy: object): Promise<void>;
  deletePermissionPolicy(): Promise<void>;
  putTrustPolicy(policy: object): Promise<void>;
  deleteRole(): Promise<void>;
  /** One more role for the same key; gives its ARN. */
  addRole(name: string, policies: { trust: object; permission: object | null }): Promise<string>;
  /** What the account's CloudTrail holds of one request, as its administrators read it. */
  trailOf(region: string, requestId: string): Promise<TrailRecord[]>;
}

export interface TrailRecord {
  requestID: string;
  eventName: string;
  eventSource: string;
  awsRegion: string;
  recipientAccountId: string;
  errorCode?: string;
  userIdentity: { arn?: string; accessKeyId?: string };
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
  const trust = order.trustPolicy ?? trustPolicy(order);
  const permission =
    order.permissionPolicy === undefined ? permissionPolicy({ keyArns: [keyArns.main, keyArns.replica] }) : order.permissionPolicy;
  await createRole(iam, ROLE_NAME, { trust, permission }, order.rolePath);
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
    ...keyAdministration(kms, keyId),
    ...roleAdministration(iam),
    addRole: async (name, policies) => {
      await createRole(iam, name, policies);
      return `arn:aws:iam::${accountId}:role/${name}`;
    },
    trailOf: (region, requestId) => trailOf(sandbox.url, region, root, requestId),
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

async function createRole(
  iam: IAMClient,
  name: string,
  { trust, permission }: { trust: object; permission: object | null },
  path?: string,
): Promise<void> {
  const document = JSON.stringify(trust);
  await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: document, ...(path !== undefined && { Path: path }) }));
  if (permission) await putPermissionPolicy(iam, name, permission);
}

async function putPermissionPolicy(iam: IAMClient, role: string, policy: object): Promise<void> {
  await iam.send(new PutRolePolicyCommand({ RoleName: role, PolicyName: POLICY_NAME, PolicyDocument: JSON.stringify(policy) }));
}

async function trailOf(url: string, region: string, credentials: SandboxCredentials, requestId: string): Promise<TrailRecord[]> {
  const trail = trailClient(url, region, credentials);
  const records: TrailRecord[] = [];
  let NextToken: string | undefined;
  do {
    const page = await trail.send(new LookupEventsCommand({ NextToken }));
    for (const { CloudTrailEvent = '{}' } of page.Events ?? []) records.push(JSON.parse(CloudTrailEvent) as TrailRecord);
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return records.filter(({ requestID }) => requestID === requestId);
}

function keyAdministration(kms: Customer['kms'], keyId: string) {
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
    cancelKeyDeletion: async (region: string) => {
      await kms(region).send(new CancelKeyDeletionCommand({ KeyId: keyId }));
    },
    putKeyPolicy: async (region: string, policy: object) => {
      const document = { KeyId: keyId, Policy: JSON.stringify(policy), BypassPolicyLockoutSafetyCheck: true };
      await kms(region).send(new PutKeyPolicyCommand(document));
    },
  };
}

function roleAdministration(iam: IAMClient) {
  return {
    putPermissionPolicy: (policy: object) => putPermissionPolicy(iam, ROLE_NAME, policy),
    deletePermissionPolicy: async () => {
      await iam.send(new DeleteRolePolicyCommand({ RoleName: ROLE_NAME, PolicyName: POLICY_NAME }));
    },
    deleteRole: async () => {
      await iam.send(new DeleteRolePolicyCommand({ RoleName: ROLE_NAME, PolicyName: POLICY_NAME }));
      await iam.send(new DeleteRoleCommand({ RoleName: ROLE_NAME }));
    },
    putTrustPolicy: async (policy: object) => {
      await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: ROLE_NAME, PolicyDocument: JSON.stringify(policy) }));
    },
  };
}
