import { type LookupAttributeKey, LookupEventsCommand, type LookupEventsCommandInput } from '@aws-sdk/client-cloudtrail';
import { DecryptCommand, DescribeKeyCommand, EncryptCommand, ReplicateKeyCommand, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
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
  MAIN,
  OAEP,
  OTHER,
  refusalOf,
  statement,
  trust,
} from './sandbox-account.js';

const SECRET = 'the plaintext that no trail may hold';
let sandbox: RunningSandbox;
let vendor: Account;
let customer: Account;
let user: Clients;
let session: Clients;
let roleArn: string;
let keyId: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  [vendor, customer] = [await anAccount(sandbox), await anAccount(sandbox)];
  user = await aUser(sandbox.url, vendor, 'service', statement('sts:AssumeRole'));
  keyId = await aKey(customer.kms());
  await customer.kms().send(new ReplicateKeyCommand({ KeyId: keyId, ReplicaRegion: OTHER }));
  const principal = `arn:aws:iam::${vendor.accountId}:user/service`;
  roleArn = await aRole(customer, 'byok', trust(principal, 'ext-1'), statement(['kms:Encrypt', 'kms:Decrypt']));
  session = await assume(sandbox.url, user, { RoleArn: roleArn, RoleSessionName: 'keyhold-42', ExternalId: 'ext-1' });
});
afterAll(() => sandbox.stop());

const arn = (region = MAIN) => `arn:aws:kms:${region}:${customer.accountId}:key/${keyId}`;

async function records(of: Clients, lookup: LookupEventsCommandInput = {}, region = MAIN): Promise<Record<string, unknown>[]> {
  const { Events = [] } = await of.trail(region).send(new LookupEventsCommand(lookup));
  return Events.map(({ CloudTrailEvent }) => JSON.parse(CloudTrailEvent ?? '') as Record<string, unknown>);
}
const by = (AttributeKey: LookupAttributeKey, AttributeValue: string) => ({ LookupAttributes: [{ AttributeKey, AttributeValue }] });

describe('an assumed role', () => {
  it('is recorded in both accounts, each with what it may know', async () => {
    const [ours] = await records(vendor, by('EventName', 'AssumeRole'));
    const [theirs] = await records(customer, by('EventName', 'AssumeRole'));
    expect(ours?.sharedEventID).toBe(theirs?.sharedEventID);
    expect(ours?.requestID).toBe(theirs?.requestID);
    expect(ours?.eventID).not.toBe(theirs?.eventID);
    expect([ours?.recipientAccountId, theirs?.recipientAccountId]).toEqual([vendor.accountId, customer.accountId]);
    const principalId: unknown = expect.stringMatching(/^AIDA/);
    expect(ours?.userIdentity).toMatchObject({ type: 'IAMUser', userName: 'service', accessKeyId: user.credentials.accessKeyId });
    expect(theirs?.userIdentity).toEqual({ type: 'AWSAccount', principalId, accountId: vendor.accountId });
    expect(theirs).toMatchObject({
      eventVersion: '1.08',
      eventSource: 'sts.amazonaws.com',
      awsRegion: MAIN,
      readOnly: true,
      eventType: 'AwsApiCall',
      managementEvent: true,
      eventCategory: 'Management',
      requestParameters: { roleArn, roleSessionName: 'keyhold-42', externalId: 'ext-1', durationSeconds: 3600 },
      responseElements: {
        credentials: { accessKeyId: session.credentials.accessKeyId },
        assumedRoleUser: { arn: `arn:aws:sts::${customer.accountId}:assumed-role/byok/keyhold-42` },
      },
      resources: [{ accountId: customer.accountId, type: 'AWS::IAM::Role', ARN: roleArn }],
    });
    const { credentials } = theirs?.responseElements as { credentials: { expiration: string } };
    expect(credentials.expiration).toMatch(/^[A-Z][a-z]{2} \d{1,2}, \d{4}, \d{1,2}:\d\d:\d\d [AP]M$/);
    expect(JSON.stringify([ours, theirs])).not.toContain(session.credentials.secretAccessKey);
  });

  it('is recorded in the caller’s account alone when it was denied', async () => {
    const wrong = new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'denied-1', ExternalId: 'wrong' });
    await refusalOf(user.sts().send(wrong));
    const named = (all: Record<string, unknown>[]) => all.filter((record) => JSON.stringify(record.requestParameters).includes('denied-1'));
    const [ours] = named(await records(vendor));
    expect(ours).toMatchObject({ eventName: 'AssumeRole', errorCode: 'AccessDenied', responseElements: null });
    expect(ours).not.toHaveProperty('sharedEventID');
    expect(named(await records(customer))).toEqual([]);
  });
});

describe('a call by a role session', () => {
  it('is one record in the customer’s account, found by the request id and the session’s key', async () => {
    const input = { KeyId: keyId, EncryptionAlgorithm: OAEP } as const;
    const sealed = await session.kms().send(new EncryptCommand({ ...input, Plaintext: Buffer.from(SECRET) }));
    const opened = await session.kms().send(new DecryptCommand({ ...input, CiphertextBlob: sealed.CiphertextBlob }));
    const [decrypted, encrypted, ...more] = await records(customer, by('AccessKeyId', session.credentials.accessKeyId));
    expect(more).toEqual([]);
    expect(encrypted).toMatchObject({ eventName: 'Encrypt', requestID: sealed.$metadata.requestId });
    expect(decrypted).toMatchObject({
      eventVersion: '1.11',
      eventName: 'Decrypt',
      eventSource: 'kms.amazonaws.com',
      awsRegion: MAIN,
      requestID: opened.$metadata.requestId,
      requestParameters: { encryptionAlgorithm: OAEP, keyId },
      responseElements: null,
      readOnly: true,
      resources: [{ accountId: customer.accountId, type: 'AWS::KMS::Key', ARN: arn() }],
      userIdentity: {
        type: 'AssumedRole',
        arn: `arn:aws:sts::${customer.accountId}:assumed-role/byok/keyhold-42`,
        accessKeyId: session.credentials.accessKeyId,
        sessionContext: { sessionIssuer: { type: 'Role', arn: roleArn, userName: 'byok' }, attributes: { mfaAuthenticated: 'false' } },
      },
    });
    expect(decrypted).not.toHaveProperty('sharedEventID');
    const everything = JSON.stringify(await records(customer));
    const sealedText = Buffer.from(sealed.CiphertextBlob ?? []).toString('base64');
    for (const hidden of [SECRET, Buffer.from(SECRET).toString('base64'), sealedText]) expect(everything).not.toContain(hidden);
  });

  it('is recorded in the Region of the call and nowhere else', async () => {
    const { $metadata } = await session
      .kms(OTHER)
      .send(new EncryptCommand({ KeyId: keyId, Plaintext: Buffer.from('x'), EncryptionAlgorithm: OAEP }));
    const requests = async (region: string) =>
      (await records(customer, by('ResourceName', arn(region)), region)).map(({ requestID }) => requestID);
    expect(await requests(OTHER)).toContain($metadata.requestId);
    expect(await requests(MAIN)).not.toContain($metadata.requestId);
  });

  it('is recorded with its error when it was refused', async () => {
    await refusalOf(session.kms().send(new DescribeKeyCommand({ KeyId: keyId })));
    const [refused] = await records(customer, by('EventName', 'DescribeKey'));
    expect(refused).toMatchObject({ errorCode: 'AccessDenied', requestParameters: { keyId }, responseElements: null });
    expect(refused?.errorMessage).toContain('is not authorized to perform: kms:DescribeKey');
  });
});

describe('the life of a key', () => {
  it('is recorded in the Regions it concerns', async () => {
    const names = async (region: string) =>
      (await records(customer, by('ResourceName', arn(region)), region)).map(({ eventName }) => eventName);
    expect(await names(MAIN)).toEqual(expect.arrayContaining(['CreateKey', 'ReplicateKey']));
    expect(await names(OTHER)).toEqual(expect.arrayContaining(['CreateKey', 'SynchronizeMultiRegionKey']));
  });

  it('ends with an event of the service itself', async () => {
    const doomed = await aKey(customer.kms('eu-west-1'), { MultiRegion: false });
    await customer.kms('eu-west-1').send(new ScheduleKeyDeletionCommand({ KeyId: doomed, PendingWindowInDays: 7 }));
    const offset = 8 * 86_400;
    await sandbox.control.clock({ offsetSeconds: offset });
    const later = clientsFor(sandbox.url, customer.credentials, offset);
    const [deleted] = await records(later, by('EventName', 'DeleteKey'), 'eu-west-1');
    expect(deleted).toMatchObject({ eventType: 'AwsServiceEvent', serviceEventDetails: { keyId: doomed }, requestParameters: null });
    await sandbox.control.clock({ offsetSeconds: 0 });
  });
});

describe('LookupEvents', () => {
  it('pages through all events, newest first, each once', async () => {
    const all = await records(customer);
    const paged: unknown[] = [];
    let token: string | undefined;
    do {
      const page = await customer.trail().send(new LookupEventsCommand({ MaxResults: 2, NextToken: token }));
      expect(page.Events?.length).toBeLessThanOrEqual(2);
      paged.push(...(page.Events ?? []).map(({ EventId }) => EventId));
      token = page.NextToken;
    } while (token !== undefined);
    expect(paged).toEqual(all.map(({ eventID }) => eventID));
  });

  it('finds by user name, event id and time', async () => {
    const [first] = await records(customer, by('Username', 'keyhold-42'));
    expect(first?.userIdentity).toMatchObject({ type: 'AssumedRole' });
    expect(await records(customer, by('EventId', String(first?.eventID)))).toEqual([first]);
    expect(await records(customer, { EndTime: new Date(Date.now() - 3_600_000) })).toEqual([]);
    expect(await records(customer, { StartTime: new Date(Date.now() - 3_600_000) })).not.toEqual([]);
  });

  it('refuses what it cannot look up, and whoever has no permission', async () => {
    const lookup = (input: LookupEventsCommandInput, client = customer.trail()) => refusalOf(client.send(new LookupEventsCommand(input)));
    expect(await lookup({ MaxResults: 51 })).toMatch(/^InvalidMaxResultsException: /);
    expect(await lookup({ StartTime: new Date(2), EndTime: new Date(1) })).toMatch(/^InvalidTimeRangeException: /);
    expect(await lookup({ NextToken: 'made up' })).toMatch(/^InvalidNextTokenException: /);
    expect(
      await lookup({ LookupAttributes: [...by('EventName', 'A').LookupAttributes, ...by('EventName', 'B').LookupAttributes] }),
    ).toMatch(/^InvalidLookupAttributesException: /);
    expect(await lookup({}, session.trail())).toMatch(/^AccessDeniedException: /);
  });
});
