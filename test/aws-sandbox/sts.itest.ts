import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { DescribeKeyCommand, EncryptCommand } from '@aws-sdk/client-kms';
import { AssumeRoleCommand, type AssumeRoleCommandInput, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningSandbox, startSandbox } from '../harness/sandbox.js';
import {
  type Account,
  aKey,
  anAccount,
  aRole,
  assume,
  aUser,
  type Clients,
  clientsFor,
  OAEP,
  refusalOf,
  statement,
  trust,
} from './sandbox-account.js';

const EXTERNAL_ID = 'workspace:1/2';
let sandbox: RunningSandbox;
let vendor: Account;
let customer: Account;
let vendorUser: Clients;
let service: Clients;
let roleArn: string;
let keyId: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  [vendor, customer] = [await anAccount(sandbox), await anAccount(sandbox)];
  vendorUser = await aUser(sandbox.url, vendor, 'deployer', statement('sts:AssumeRole'));
  const deployer = `arn:aws:iam::${vendor.accountId}:user/deployer`;
  const serviceArn = await aRole(vendor, 'service', trust(deployer), statement(['sts:AssumeRole', 'sts:SetSourceIdentity']));
  service = await assume(sandbox.url, vendorUser, { RoleArn: serviceArn, RoleSessionName: 'api' });
  keyId = await aKey(customer.kms());
  roleArn = await aRole(customer, 'byok', trust(serviceArn, EXTERNAL_ID), statement(['kms:Encrypt', 'kms:Decrypt', 'kms:DescribeKey']));
});
afterAll(() => sandbox.stop());

const assumeRole = (input: Partial<AssumeRoleCommandInput> = {}, by = service) =>
  by.sts().send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'keyhold-1', ExternalId: EXTERNAL_ID, ...input }));
const encrypt = (by: Clients) =>
  by.kms().send(new EncryptCommand({ KeyId: keyId, Plaintext: Buffer.from('x'), EncryptionAlgorithm: OAEP }));

describe('AssumeRole', () => {
  it('gives a session that acts in the customer’s account', async () => {
    const answer = await assumeRole();
    expect(answer.AssumedRoleUser?.Arn).toBe(`arn:aws:sts::${customer.accountId}:assumed-role/byok/keyhold-1`);
    expect(answer.AssumedRoleUser?.AssumedRoleId).toMatch(/^AROA[A-Z0-9]{16,}:keyhold-1$/);
    expect(answer.Credentials?.AccessKeyId).toMatch(/^ASIA/);
    expect(answer).not.toHaveProperty('PackedPolicySize');
    const session = await assume(sandbox.url, service, { RoleArn: roleArn, RoleSessionName: 'keyhold-1', ExternalId: EXTERNAL_ID });
    expect(await refusalOf(encrypt(session))).toBe('no refusal');
    expect(await session.sts().send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: customer.accountId,
      Arn: answer.AssumedRoleUser?.Arn,
      UserId: answer.AssumedRoleUser?.AssumedRoleId,
    });
  });

  it('says the same to a wrong external ID, to none, and for a role that does not exist', async () => {
    const serviceArn = `arn:aws:sts::${vendor.accountId}:assumed-role/service/api`;
    const denied = (role: string) => `AccessDenied: User: ${serviceArn} is not authorized to perform: sts:AssumeRole on resource: ${role}`;
    expect(await refusalOf(assumeRole({ ExternalId: 'another' }))).toBe(denied(roleArn));
    expect(await refusalOf(assumeRole({ ExternalId: undefined }))).toBe(denied(roleArn));
    const missing = `arn:aws:iam::${customer.accountId}:role/missing`;
    expect(await refusalOf(assumeRole({ RoleArn: missing }))).toBe(denied(missing));
  });

  it('is nothing for root users', async () => {
    expect(await refusalOf(assumeRole({}, vendor))).toBe('AccessDenied: Roles may not be assumed by root accounts.');
  });

  it('limits chained sessions to one hour and others to what the role allows', async () => {
    expect(await refusalOf(assumeRole({ DurationSeconds: 3600 }))).toBe('no refusal');
    expect(await refusalOf(assumeRole({ DurationSeconds: 3601 }))).toBe(
      'ValidationError: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    );
    const serviceRole = { RoleArn: `arn:aws:iam::${vendor.accountId}:role/service`, ExternalId: undefined };
    expect(await refusalOf(assumeRole({ ...serviceRole, DurationSeconds: 3601 }, vendorUser))).toBe(
      'ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    );
  });

  it('checks its parameters with AWS’s words', async () => {
    expect(await refusalOf(assumeRole({ RoleArn: 'nothing-valid-in-here' }))).toBe('ValidationError: nothing-valid-in-here is invalid');
    expect(await refusalOf(assumeRole({ RoleSessionName: 'Session1:2' }))).toBe(
      "ValidationError: 1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
    );
    expect(await refusalOf(assumeRole({ ExternalId: 'a b' }))).toContain("at 'externalId'");
    expect(await refusalOf(assumeRole({ DurationSeconds: 899 }))).toContain("Value '899' at 'durationSeconds'");
    expect(await refusalOf(assumeRole({ DurationSeconds: 2_147_483_648 }))).toMatch(/^MalformedInput: /);
    expect(await refusalOf(assumeRole({ Tags: [{ Key: 'a', Value: 'b' }] }))).toContain('does not support');
  });

  it('cuts a session down to its session policy and tells how much room the policy takes', async () => {
    const Policy = JSON.stringify(statement('kms:DescribeKey'));
    const packed: unknown = expect.any(Number);
    expect(await assumeRole({ Policy })).toMatchObject({ PackedPolicySize: packed });
    const session = await assume(sandbox.url, service, { RoleArn: roleArn, RoleSessionName: 'narrow', ExternalId: EXTERNAL_ID, Policy });
    expect(await refusalOf(session.kms().send(new DescribeKeyCommand({ KeyId: keyId })))).toBe('no refusal');
    expect(await refusalOf(encrypt(session))).toContain('because no session policy allows the kms:Encrypt action');
    expect(await refusalOf(assumeRole({ Policy: '{' }))).toMatch(/^MalformedPolicyDocument/);
    expect(await refusalOf(assumeRole({ Policy: 'x'.repeat(2049) }))).toContain('Member must have length less than or equal to 2048');
  });

  it('demands the permission to set a source identity', async () => {
    expect(await refusalOf(assumeRole({ SourceIdentity: 'someone' }))).toContain('is not authorized to perform: sts:SetSourceIdentity');
  });

  it('gives sessions that end', async () => {
    const session = await assume(sandbox.url, service, {
      RoleArn: roleArn,
      RoleSessionName: 'short',
      ExternalId: EXTERNAL_ID,
      DurationSeconds: 900,
    });
    await sandbox.control.clock({ offsetSeconds: 901 });
    const later = clientsFor(sandbox.url, session.credentials, 901);
    expect(await refusalOf(encrypt(later))).toBe('ExpiredTokenException: The security token included in the request is expired');
    expect(await refusalOf(later.sts().send(new GetCallerIdentityCommand({})))).toContain(
      'The security token included in the request is expired',
    );
    await sandbox.control.clock({ offsetSeconds: 0 });
  });
});

describe('GetCallerIdentity', () => {
  it('knows root users, users and sessions', async () => {
    const identity = async (by: Clients) => {
      const { Arn, UserId, Account } = await by.sts().send(new GetCallerIdentityCommand({}));
      return { Arn, UserId, Account };
    };
    const { accountId: Account } = vendor;
    expect(await identity(vendor)).toEqual({ Arn: `arn:aws:iam::${Account}:root`, UserId: Account, Account });
    const userId: unknown = expect.stringMatching(/^AIDA/);
    expect(await identity(vendorUser)).toEqual({ Arn: `arn:aws:iam::${Account}:user/deployer`, UserId: userId, Account });
    const sessionId: unknown = expect.stringMatching(/^AROA.*:api$/);
    expect(await identity(service)).toEqual({ Arn: `arn:aws:sts::${Account}:assumed-role/service/api`, UserId: sessionId, Account });
  });
  it('answers a signature that was forwarded, in JSON to whoever asks so', async () => {
    const { headers, body } = await signedGetCallerIdentity(service);
    const forward = async (accept: string, forwarded = body) => {
      const asked = request(sandbox.url, { method: 'POST', headers: { ...headers, accept } }).end(forwarded);
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      return { type: response.headers['content-type'], text: await text(response) };
    };
    const json = await forward('application/json');
    expect(json.type).toBe('application/json');
    expect(JSON.parse(json.text)).toMatchObject({
      GetCallerIdentityResponse: {
        GetCallerIdentityResult: { Account: vendor.accountId, Arn: `arn:aws:sts::${vendor.accountId}:assumed-role/service/api` },
      },
    });
    expect(await forward('*/*')).toMatchObject({ type: 'text/xml' });
    const tampered = JSON.parse(
      (await forward('application/json', body.replace('GetCallerIdentity', 'GetCallerIdentitY'))).text,
    ) as unknown;
    expect(tampered).toMatchObject({ Error: { Code: 'SignatureDoesNotMatch', Type: 'Sender' } });
  });
});

/** What a client hands to somebody who wants to know who it is: a signed request, not sent. */
async function signedGetCallerIdentity(by: Clients): Promise<{ headers: Record<string, string>; body: string }> {
  const client = by.sts();
  let signed: { headers: Record<string, string>; body: string } | undefined;
  client.middlewareStack.add(
    (next) => (args) => {
      const sent = args.request as { headers: Record<string, string>; body: Uint8Array };
      signed = { headers: sent.headers, body: Buffer.from(sent.body).toString() };
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  await client.send(new GetCallerIdentityCommand({}));
  if (!signed) throw new Error('the request passed by unseen');
  return signed;
}
