import { CreateKeyCommand, type CreateKeyCommandInput, DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type RunningSandbox, startSandbox } from '../../../../test/harness/sandbox.js';

interface Signer {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

const policy = (...statements: object[]): string => JSON.stringify({ Version: '2012-10-17', Statement: statements });
const trusting = (arn: string, externalId?: string): string =>
  policy({
    Effect: 'Allow',
    Principal: { AWS: arn },
    Action: 'sts:AssumeRole',
    ...(externalId !== undefined && { Condition: { StringEquals: { 'sts:ExternalId': externalId } } }),
  });
const allow = (Action: string): string => policy({ Effect: 'Allow', Action, Resource: '*' });
const decoded = (text: string | undefined): unknown => JSON.parse(decodeURIComponent(text ?? ''));

let sandbox: RunningSandbox;
let customer: Signer & { accountId: string };
let vendor: Signer & { accountId: string };
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());
beforeEach(async () => {
  await sandbox.control.reset();
  customer = await sandbox.control.createAccount('111122223333');
  vendor = await sandbox.control.createAccount('999988887777');
});

const settings = (credentials: Signer) => ({ endpoint: sandbox.url, region: 'us-east-2', credentials, maxAttempts: 1 });
const iam = (signer: Signer) => new IAMClient(settings(signer));
const sts = (signer: Signer) => new STSClient(settings(signer));
const kms = (signer: Signer) => new KMSClient(settings(signer));

async function userOf(account: Signer, UserName: string, PolicyDocument?: string): Promise<Signer> {
  await iam(account).send(new CreateUserCommand({ UserName }));
  if (PolicyDocument !== undefined) await iam(account).send(new PutUserPolicyCommand({ UserName, PolicyName: 'inline', PolicyDocument }));
  const { AccessKey } = await iam(account).send(new CreateAccessKeyCommand({ UserName }));
  return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
}

async function assume(signer: Signer, RoleArn: string, ExternalId?: string): Promise<Signer> {
  const { Credentials } = await sts(signer).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'visit', ExternalId }));
  return {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  };
}

describe('IAM through the AWS SDK', () => {
  it('makes, shows, lists and deletes a role with its policies', async () => {
    const client = iam(customer);
    const AssumeRolePolicyDocument = trusting(`arn:aws:iam::${vendor.accountId}:root`, 'ws-1');
    const { Role } = await client.send(new CreateRoleCommand({ RoleName: 'Byok', Path: '/keyhold/', AssumeRolePolicyDocument }));
    expect(Role).toMatchObject({
      Arn: 'arn:aws:iam::111122223333:role/keyhold/Byok',
      MaxSessionDuration: 3600,
      CreateDate: expect.any(Date),
    });
    const shown = await client.send(new GetRoleCommand({ RoleName: 'Byok' }));
    expect(decoded(shown.Role?.AssumeRolePolicyDocument)).toEqual(JSON.parse(AssumeRolePolicyDocument));

    const PolicyDocument = allow('kms:Decrypt');
    await client.send(new PutRolePolicyCommand({ RoleName: 'Byok', PolicyName: 'use-key', PolicyDocument }));
    const inline = await client.send(new GetRolePolicyCommand({ RoleName: 'Byok', PolicyName: 'use-key' }));
    expect(decodeURIComponent(inline.PolicyDocument ?? '')).toBe(PolicyDocument);
    expect((await client.send(new ListRolePoliciesCommand({ RoleName: 'Byok' }))).PolicyNames).toEqual(['use-key']);
    expect((await client.send(new ListRolesCommand({}))).Roles?.map(({ RoleName }) => RoleName)).toEqual(['Byok']);

    await expect(client.send(new DeleteRoleCommand({ RoleName: 'Byok' }))).rejects.toMatchObject({ name: 'DeleteConflictException' });
    await client.send(new DeleteRolePolicyCommand({ RoleName: 'Byok', PolicyName: 'use-key' }));
    expect((await client.send(new ListRolePoliciesCommand({ RoleName: 'Byok' }))).PolicyNames ?? []).toEqual([]);
    await client.send(new DeleteRoleCommand({ RoleName: 'Byok' }));
    await expect(client.send(new GetRoleCommand({ RoleName: 'Byok' }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: 'The role with name Byok cannot be found.',
      $metadata: { httpStatusCode: 404, requestId: expect.any(String) },
    });
  });

  it('makes a user whose key signs, and takes it away again', async () => {
    const client = iam(customer);
    const ann = await userOf(customer, 'ann', allow('kms:ListKeys'));
    expect((await sts(ann).send(new GetCallerIdentityCommand({}))).Arn).toBe('arn:aws:iam::111122223333:user/ann');
    expect((await client.send(new GetUserCommand({ UserName: 'ann' }))).User?.UserId).toMatch(/^AIDA/);
    const shown = await client.send(new GetUserPolicyCommand({ UserName: 'ann', PolicyName: 'inline' }));
    expect(decodeURIComponent(shown.PolicyDocument ?? '')).toBe(allow('kms:ListKeys'));
    const { AccessKeyMetadata } = await client.send(new ListAccessKeysCommand({ UserName: 'ann' }));
    expect(AccessKeyMetadata).toMatchObject([{ UserName: 'ann', AccessKeyId: ann.accessKeyId, Status: 'Active' }]);

    await client.send(new DeleteAccessKeyCommand({ UserName: 'ann', AccessKeyId: ann.accessKeyId }));
    await client.send(new DeleteUserPolicyCommand({ UserName: 'ann', PolicyName: 'inline' }));
    await client.send(new DeleteUserCommand({ UserName: 'ann' }));
    await expect(sts(ann).send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
  });

  it('refuses a caller without permission, and a policy it does not understand', async () => {
    const ann = await userOf(customer, 'ann');
    await expect(iam(ann).send(new ListRolesCommand({}))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('because no identity-based policy allows the iam:ListRoles action'),
      $metadata: { httpStatusCode: 403 },
    });
    const PolicyDocument = policy({
      Effect: 'Allow',
      Action: 'kms:*',
      Resource: '*',
      Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } },
    });
    const put = new PutUserPolicyCommand({ UserName: 'ann', PolicyName: 'inline', PolicyDocument });
    await expect(iam(customer).send(put)).rejects.toMatchObject({
      name: 'MalformedPolicyDocumentException',
      message: 'The sandbox does not support the condition key aws:PrincipalOrgID.',
    });
  });
});

describe('a user who may create keys of one kind only', () => {
  it('creates those and no others', async () => {
    const Condition = { StringEquals: { 'kms:KeySpec': 'RSA_2048' }, Bool: { 'kms:MultiRegion': 'true' } };
    const ann = await userOf(customer, 'ann', policy({ Effect: 'Allow', Action: 'kms:CreateKey', Resource: '*', Condition }));
    const create = (order: Pick<CreateKeyCommandInput, 'KeySpec' | 'MultiRegion'>) =>
      kms(ann).send(new CreateKeyCommand({ KeyUsage: 'ENCRYPT_DECRYPT', ...order }));
    await expect(create({ KeySpec: 'RSA_2048', MultiRegion: true })).resolves.toBeDefined();
    await expect(create({ KeySpec: 'RSA_2048' })).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(create({ MultiRegion: true })).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('a customer’s role', () => {
  let service: Signer;
  let byok: string;
  beforeEach(async () => {
    const bootstrap = await userOf(vendor, 'bootstrap', allow('sts:AssumeRole'));
    service = await serviceRole(bootstrap);
    const trust = trusting(`arn:aws:iam::${vendor.accountId}:role/service`, 'ws-1');
    const { Role } = await iam(customer).send(new CreateRoleCommand({ RoleName: 'Byok', AssumeRolePolicyDocument: trust }));
    byok = Role?.Arn ?? '';
    await iam(customer).send(
      new PutRolePolicyCommand({ RoleName: 'Byok', PolicyName: 'use-key', PolicyDocument: allow('kms:DescribeKey') }),
    );
  });

  async function serviceRole(bootstrap: Signer): Promise<Signer> {
    const trust = trusting(`arn:aws:iam::${vendor.accountId}:root`);
    const { Role } = await iam(vendor).send(new CreateRoleCommand({ RoleName: 'service', AssumeRolePolicyDocument: trust }));
    await iam(vendor).send(
      new PutRolePolicyCommand({ RoleName: 'service', PolicyName: 'inline', PolicyDocument: allow('sts:AssumeRole') }),
    );
    return assume(bootstrap, Role?.Arn ?? '');
  }

  const text = () =>
    `User: arn:aws:sts::999988887777:assumed-role/service/visit is not authorized to perform: sts:AssumeRole on resource: ${byok}`;

  it('is assumed with the right external ID only', async () => {
    expect((await assume(service, byok, 'ws-1')).accessKeyId).toMatch(/^ASIA/);
    await expect(assume(service, byok, 'ws-2')).rejects.toMatchObject({ name: 'AccessDenied', message: text() });
    await expect(assume(service, byok)).rejects.toMatchObject({ name: 'AccessDenied', message: text() });
  });

  it('is assumed with any external ID when it asks for none', async () => {
    const PolicyDocument = trusting(`arn:aws:iam::${vendor.accountId}:role/service`);
    await iam(customer).send(new UpdateAssumeRolePolicyCommand({ RoleName: 'Byok', PolicyDocument }));
    await expect(Promise.all([assume(service, byok), assume(service, byok, 'ws-2')])).resolves.toHaveLength(2);
  });

  it('does not trust the service’s role made anew under its old name', async () => {
    const old = await iam(vendor).send(new GetRoleCommand({ RoleName: 'service' }));
    await iam(vendor).send(new DeleteRolePolicyCommand({ RoleName: 'service', PolicyName: 'inline' }));
    await iam(vendor).send(new DeleteRoleCommand({ RoleName: 'service' }));
    await expect(assume(service, byok, 'ws-1')).rejects.toMatchObject({ name: 'InvalidClientTokenId' });

    const successor = await serviceRole(await userOf(vendor, 'again', allow('sts:AssumeRole')));
    await expect(assume(successor, byok, 'ws-1')).rejects.toMatchObject({ name: 'AccessDenied', message: text() });
    const { Role } = await iam(customer).send(new GetRoleCommand({ RoleName: 'Byok' }));
    expect(decoded(Role?.AssumeRolePolicyDocument)).toMatchObject({ Statement: [{ Principal: { AWS: old.Role?.RoleId } }] });
  });

  it('loses its sessions at once when the customer revokes them, and serves new ones', async () => {
    const { KeyMetadata } = await kms(customer).send(new CreateKeyCommand({}));
    const describeKey = (signer: Signer) => kms(signer).send(new DescribeKeyCommand({ KeyId: KeyMetadata?.Arn }));
    const before = await assume(service, byok, 'ws-1');
    await expect(describeKey(before)).resolves.toMatchObject({ KeyMetadata: { KeyId: KeyMetadata?.KeyId } });

    await sandbox.control.clock({ offsetSeconds: 60 });
    const revoked = new Date(Date.now() + 30_000).toISOString();
    const Condition = { DateLessThan: { 'aws:TokenIssueTime': revoked } };
    const PolicyDocument = policy({ Effect: 'Deny', Action: '*', Resource: '*', Condition });
    await iam(customer).send(new PutRolePolicyCommand({ RoleName: 'Byok', PolicyName: 'AWSRevokeOlderSessions', PolicyDocument }));
    await expect(describeKey(before)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('with an explicit deny in an identity-based policy'),
    });
    await expect(describeKey(await assume(service, byok, 'ws-1'))).resolves.toBeDefined();
  });
});
