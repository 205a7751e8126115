import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWhen, isInstalled } from './harness/installed.js';
import { type RunningSandbox, startSandbox } from './harness/sandbox.js';

const run = promisify(execFile);

let sandbox: RunningSandbox;
let folder: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  folder = await mkdtemp(join(tmpdir(), 'keyhold-aws-clients-'));
});
afterAll(async () => {
  await sandbox.stop();
  await rm(folder, { recursive: true });
});

const trust = (principal: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: principal },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'sts:ExternalId': 'ws-1' } },
      },
    ],
  });
const permission = (...actions: string[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] });

interface Secrets {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** Nothing of this machine's own AWS settings reaches the client. */
const environment = ({ accessKeyId, secretAccessKey, sessionToken }: Secrets): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: folder,
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  ...(sessionToken !== undefined && { AWS_SESSION_TOKEN: sessionToken }),
  AWS_DEFAULT_REGION: 'us-east-2',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_PAGER: '',
  AWS_MAX_ATTEMPTS: '1',
});

/** AWS's command line as a customer's administrator types it. */
async function aws(secrets: Secrets, ...args: string[]): Promise<Record<string, unknown>> {
  const { stdout } = await run('aws', ['--endpoint-url', sandbox.url, '--output', 'json', ...args], { env: environment(secrets) });
  return stdout.trim() === '' ? {} : (JSON.parse(stdout) as Record<string, unknown>);
}

const refusal = async (asked: Promise<unknown>): Promise<string> => {
  try {
    await asked;
    return 'no refusal';
  } catch (error) {
    return (error as { stderr: string }).stderr.trim();
  }
};

describeWhen(isInstalled('The AWS command line', 'aws', ['--version']))('the AWS command line', () => {
  it('sets a customer up, assumes the role, encrypts here, decrypts there and reads the trail', async () => {
    const [vendor, customer] = [await sandbox.control.createAccount(), await sandbox.control.createAccount()];
    const created = await aws(customer, 'kms', 'create-key', '--multi-region', '--key-spec', 'RSA_4096', '--key-usage', 'ENCRYPT_DECRYPT');
    const { KeyId: keyId, Arn: keyArn } = created.KeyMetadata as { KeyId: string; Arn: string };
    const replicated = await aws(customer, 'kms', 'replicate-key', '--key-id', keyId, '--replica-region', 'us-west-2');
    expect(replicated).toMatchObject({ ReplicaKeyMetadata: { KeyState: 'Creating', KeyId: keyId } });

    await aws(vendor, 'iam', 'create-user', '--user-name', 'keyhold');
    await aws(
      vendor,
      'iam',
      'put-user-policy',
      '--user-name',
      'keyhold',
      '--policy-name',
      'p',
      '--policy-document',
      permission('sts:AssumeRole'),
    );
    const { AccessKey } = await aws(vendor, 'iam', 'create-access-key', '--user-name', 'keyhold');
    const { AccessKeyId, SecretAccessKey } = AccessKey as { AccessKeyId: string; SecretAccessKey: string };
    const keyhold = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey };

    const document = trust(`arn:aws:iam::${vendor.accountId}:user/keyhold`);
    const { Role } = await aws(customer, 'iam', 'create-role', '--role-name', 'byok', '--assume-role-policy-document', document);
    const roleArn = (Role as { Arn: string }).Arn;
    const use = permission('kms:Encrypt', 'kms:Decrypt');
    await aws(customer, 'iam', 'put-role-policy', '--role-name', 'byok', '--policy-name', 'p', '--policy-document', use);

    const assumeRole = (externalId: string) =>
      aws(keyhold, 'sts', 'assume-role', '--role-arn', roleArn, '--role-session-name', 'cli', '--external-id', externalId);
    expect(await refusal(assumeRole('wrong'))).toContain('(AccessDenied) when calling the AssumeRole operation');
    const { Credentials } = await assumeRole('ws-1');
    const issued = Credentials as { AccessKeyId: string; SecretAccessKey: string; SessionToken: string };
    const session = { accessKeyId: issued.AccessKeyId, secretAccessKey: issued.SecretAccessKey, sessionToken: issued.SessionToken };
    expect(await aws(session, 'sts', 'get-caller-identity')).toMatchObject({
      Account: customer.accountId,
      Arn: `arn:aws:sts::${customer.accountId}:assumed-role/byok/cli`,
    });

    await writeFile(join(folder, 'plain'), 'over two Regions');
    const oaep = ['--encryption-algorithm', 'RSAES_OAEP_SHA_256', '--key-id', keyId];
    const sealed = await aws(session, 'kms', 'encrypt', ...oaep, '--plaintext', `fileb://${join(folder, 'plain')}`);
    await writeFile(join(folder, 'sealed'), Buffer.from(sealed.CiphertextBlob as string, 'base64'));
    const blob = ['--ciphertext-blob', `fileb://${join(folder, 'sealed')}`];
    const opened = await aws(session, '--region', 'us-west-2', 'kms', 'decrypt', ...oaep, ...blob);
    expect(Buffer.from(opened.Plaintext as string, 'base64').toString()).toBe('over two Regions');
    expect(await refusal(aws(session, 'kms', 'describe-key', '--key-id', keyId))).toContain('(AccessDeniedException)');

    const filter = ['--lookup-attributes', 'AttributeKey=EventName,AttributeValue=Encrypt'];
    const { Events } = await aws(customer, 'cloudtrail', 'lookup-events', ...filter);
    const [event] = Events as { CloudTrailEvent: string; Username: string }[];
    expect(event?.Username).toBe('cli');
    expect(JSON.parse(event?.CloudTrailEvent ?? '')).toMatchObject({ eventName: 'Encrypt', resources: [{ ARN: keyArn }] });
  }, 120_000);
});

/** Prints one JSON object; keys and secrets come in by the environment. */
const BOTO3_STORY = `
import json, os, boto3
from botocore.exceptions import ClientError

def session(access, secret, token=None):
    made = boto3.session.Session(aws_access_key_id=access, aws_secret_access_key=secret, aws_session_token=token)
    return lambda service, region='us-east-2': made.client(service, region_name=region, endpoint_url=os.environ['SANDBOX_URL'])

vendor = session(os.environ['VENDOR_KEY'], os.environ['VENDOR_SECRET'])
customer = session(os.environ['CUSTOMER_KEY'], os.environ['CUSTOMER_SECRET'])
key = customer('kms').create_key(KeySpec='RSA_4096', KeyUsage='ENCRYPT_DECRYPT', MultiRegion=True)['KeyMetadata']
customer('kms').replicate_key(KeyId=key['KeyId'], ReplicaRegion='us-west-2')
vendor('iam').create_user(UserName='boto')
vendor('iam').put_user_policy(UserName='boto', PolicyName='p', PolicyDocument=os.environ['MAY_ASSUME'])
issued = vendor('iam').create_access_key(UserName='boto')['AccessKey']
keyhold = session(issued['AccessKeyId'], issued['SecretAccessKey'])
role = customer('iam').create_role(RoleName='boto', AssumeRolePolicyDocument=os.environ['TRUST'])['Role']['Arn']
customer('iam').put_role_policy(RoleName='boto', PolicyName='p', PolicyDocument=os.environ['MAY_USE'])
try:
    keyhold('sts').assume_role(RoleArn=role, RoleSessionName='boto')
    refused = None
except ClientError as error:
    refused = error.response['Error']['Code']
got = keyhold('sts').assume_role(RoleArn=role, RoleSessionName='boto', ExternalId='ws-1')['Credentials']
acting = session(got['AccessKeyId'], got['SecretAccessKey'], got['SessionToken'])
oaep = dict(KeyId=key['KeyId'], EncryptionAlgorithm='RSAES_OAEP_SHA_256')
sealed = acting('kms').encrypt(Plaintext=b'from python', **oaep)
opened = acting('kms', 'us-west-2').decrypt(CiphertextBlob=sealed['CiphertextBlob'], **oaep)
try:
    acting('kms').decrypt(CiphertextBlob=b'garbage', **oaep)
    garbage = None
except acting('kms').exceptions.ClientError as error:
    garbage = error.response['Error']['Code']
events = customer('cloudtrail', 'us-west-2').lookup_events(
    LookupAttributes=[dict(AttributeKey='EventName', AttributeValue='Decrypt')])['Events']
print(json.dumps(dict(
    refused=refused, garbage=garbage, arn=acting('sts').get_caller_identity()['Arn'],
    opened=opened['Plaintext'].decode(), openedBy=opened['KeyId'], user=events[0]['Username'],
    requestMatches=json.loads(events[0]['CloudTrailEvent'])['requestID'] == opened['ResponseMetadata']['RequestId'])))
`;

describeWhen(isInstalled('boto3', 'python3', ['-c', 'import boto3']))('boto3', () => {
  it('sets a customer up, assumes the role, encrypts here, decrypts there and reads the trail', async () => {
    const [vendor, customer] = [await sandbox.control.createAccount(), await sandbox.control.createAccount()];
    const { stdout } = await run('python3', ['-W', 'ignore', '-c', BOTO3_STORY], {
      env: {
        ...environment(customer),
        SANDBOX_URL: sandbox.url,
        VENDOR_KEY: vendor.accessKeyId,
        VENDOR_SECRET: vendor.secretAccessKey,
        CUSTOMER_KEY: customer.accessKeyId,
        CUSTOMER_SECRET: customer.secretAccessKey,
        MAY_ASSUME: permission('sts:AssumeRole'),
        MAY_USE: permission('kms:Encrypt', 'kms:Decrypt'),
        TRUST: trust(`arn:aws:iam::${vendor.accountId}:user/boto`),
      },
    });
    const openedBy: unknown = expect.stringContaining(`arn:aws:kms:us-west-2:${customer.accountId}:key/mrk-`);
    expect(JSON.parse(stdout)).toEqual({
      refused: 'AccessDenied',
      garbage: 'InvalidCiphertextException',
      arn: `arn:aws:sts::${customer.accountId}:assumed-role/boto/boto`,
      opened: 'from python',
      openedBy,
      user: 'boto',
      requestMatches: true,
    });
  }, 120_000);
});
