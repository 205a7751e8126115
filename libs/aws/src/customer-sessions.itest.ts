import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { CreateKeyCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { randomBytes, randomUUID } from 'node:crypto';
import type { Customer } from '../../../test/harness/customer.js';
import type { SandboxCall } from '../../../test/harness/sandbox.js';
import { awsTerms } from './aws-terms.js';
import type { Trail } from './aws-call.js';
import type { CustomerKey } from './customer-key.js';
import type { CustomerKms } from './customer-kms.js';
import { CustomerSessions } from './customer-sessions.js';
import { PlatformIdentity } from './platform-identity.js';
import { RegionalClients } from './regional-clients.js';
import { type AwsWorld, anAwsWorld } from './testing/aws-world.js';
import { TestClock } from './testing/test-clock.js';

const MAIN = 'us-east-2';
const REPLICA = 'us-west-2';
const PLAINTEXT = randomBytes(80);

let world: AwsWorld;
let customer: Customer;
let key: CustomerKey;

beforeAll(async () => {
  world = await anAwsWorld();
  ({ customer, key } = await world.customer());
}, 60_000);
afterEach(async () => {
  await world.sandbox.control.clearFaults();
  await world.sandbox.control.clock({ offsetSeconds: 0 });
});
afterAll(() => world.close());

const seal = (aws: CustomerKms, of: CustomerKey = key, trail: Trail = []) =>
  aws.encrypt({ key: of, purpose: 'seal', regions: [MAIN, REPLICA], trail }, PLAINTEXT, 512);

const operations = (calls: readonly SandboxCall[], operation: string) => calls.filter((call) => call.operation === operation);

/** AssumeRole of customers' roles, not of our own. */
const ofCustomers = (calls: readonly SandboxCall[]) =>
  operations(calls, 'AssumeRole').filter(({ callerArn }) => callerArn?.includes(':assumed-role/'));

describe('attempts to assume a role', () => {
  test('of one workspace, whatever the vaults, leave the way to STS to the others', async () => {
    const aws = world.aws({ limits: { callsPerVault: 1, queuedPerVault: 1 } });
    const attempt = (of: CustomerKey) => aws.tryAssumeRole({ ...of, vaultId: randomUUID() }, 'wrong', []).catch((error: unknown) => error);
    const { key: other } = await world.customer();
    const found = await Promise.all([key, key, key, other].map(attempt));
    expect(found).toMatchObject([{ code: 'refused' }, { code: 'refused' }, { code: 'busy' }, { code: 'refused' }]);
  });
});

describe('a session', () => {
  test('is opened once for 100 calls at once', async () => {
    const aws = world.aws({ limits: { queuedPerVault: 100 } });
    const calls = await world.seen(() => Promise.all(Array.from({ length: 100 }, () => seal(aws))));
    expect(ofCustomers(calls)).toHaveLength(1);
    expect(operations(calls, 'Encrypt')).toHaveLength(100);
  });

  test('carries workspace, vault and purpose in its name, and joins with the calls made in it', async () => {
    const trail: Trail = [];
    const calls = await world.seen(() => seal(world.aws(), key, trail));
    const name = `keyhold.${key.workspaceId.slice(0, 8)}.${key.vaultId.slice(0, 8)}.seal`;
    const [encrypt] = operations(calls, 'Encrypt');
    expect(encrypt?.callerArn).toBe(`arn:aws:sts::${key.accountId}:assumed-role/${customer.roleName}/${name}`);
    const told = trail.find(({ operation }) => operation === 'Encrypt');
    expect(told).toMatchObject({ accessKeyId: encrypt?.accessKeyId, requestId: encrypt?.requestId });
    expect(trail.find(({ operation }) => operation === 'AssumeRole')?.requestId).toBe(ofCustomers(calls)[0]?.requestId);
  });

  test('is refreshed ahead, and still used when that fails', async () => {
    const clock = new TestClock();
    const aws = world.aws({ clock });
    await seal(aws);
    await world.sandbox.control.fault({ service: 'sts', fault: { kind: 'error', status: 503, code: 'ServiceUnavailable' } });
    clock.advance(899_000);
    const calls = await world.seen(() => seal(aws));
    expect(operations(calls, 'Encrypt')).toMatchObject([{ outcome: 'ok' }]);
    clock.advance(1_000);
    await expect(seal(aws)).rejects.toMatchObject({ code: 'could-not-ask', facts: { service: 'sts' } });
  });

  test('that AWS calls expired is renewed once, without the caller noticing', async () => {
    const aws = world.aws({ clock: new TestClock() });
    await seal(aws);
    await world.sandbox.control.clock({ offsetSeconds: 1_000 });
    const trail: Trail = [];
    await seal(aws, key, trail);
    const [expired] = trail.filter(({ awsError }) => awsError === 'ExpiredTokenException');
    const renewed = trail.at(-1);
    expect(renewed).toMatchObject({ operation: 'Encrypt', outcome: 'ok' });
    expect(renewed?.accessKeyId).not.toBe(expired?.accessKeyId);
  });

  test('of a suspended vault is gone when it is dropped', async () => {
    const aws = world.aws();
    await seal(aws);
    aws.forget(key.workspaceId, key.vaultId);
    expect(ofCustomers(await world.seen(() => seal(aws)))).toHaveLength(1);
  });

  test('is asked for in the other Region when STS in the main one is gone', async () => {
    const aws = world.aws({ limits: { attemptMs: 300 } });
    await world.sandbox.control.fault({ region: MAIN, service: 'sts', fault: { kind: 'black-hole' } });
    const trail: Trail = [];
    const calls = await world.seen(() => seal(aws, key, trail));
    expect(calls.filter(({ service }) => service === 'sts').map(({ region }) => region)).toEqual([MAIN, REPLICA, REPLICA]);
    expect(trail.filter(({ service }) => service === 'sts')).toMatchObject([{ region: REPLICA, outcome: 'ok' }]);
  });

  test('that the role refuses is asked for once by each act, and in no other Region', async () => {
    const { key: unopened } = await world.customer({ trustPolicy: trustOf({ 'sts:ExternalId': 'another-workspace' }) });
    const aws = world.aws();
    const calls = await world.seen(async () => {
      for (let act = 0; act < 2; act += 1)
        await expect(seal(aws, unopened)).rejects.toMatchObject({ code: 'refused', facts: { service: 'sts' } });
    });
    const refused = { region: MAIN, outcome: 'AccessDenied' };
    expect(ofCustomers(calls)).toMatchObject([refused, refused]);
  });

  test('that the role refused is had as soon as it lets us in: what was refused is remembered by the vault’s row alone', async () => {
    const { key: reopened, customer: owner } = await world.customer({ trustPolicy: trustOf({ 'sts:ExternalId': 'another-workspace' }) });
    const aws = world.aws();
    await expect(seal(aws, reopened)).rejects.toMatchObject({ code: 'refused' });
    await owner.putTrustPolicy(trustOf({ 'sts:ExternalId': reopened.externalId }));
    expect(await seal(aws, reopened)).toHaveLength(512);
  });
});

const trustOf = (equals: Record<string, string>) => ({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: world.platform.principalArn }, Condition: { StringEquals: equals } },
  ],
});

describe('the session policy', () => {
  const rawSession = async () => {
    const options = world.options();
    const terms = awsTerms(options);
    const clients = new RegionalClients(options.endpoint, terms.limits);
    const sessions = new CustomerSessions(new PlatformIdentity(options, clients, terms), terms);
    const session = await sessions.slot(key, 'seal').session([]);
    return new KMSClient({ endpoint: world.sandbox.url, region: MAIN, credentials: session.credentials() });
  };

  beforeAll(async () => {
    const everything = { Effect: 'Allow', Action: 'kms:*', Resource: '*' };
    await customer.putPermissionPolicy({ Version: '2012-10-17', Statement: [everything] });
  });

  test('keeps us from the customer’s other keys, however broad the role is', async () => {
    const { KeyMetadata: other } = await customer
      .kms(MAIN)
      .send(new CreateKeyCommand({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' }));
    const kms = await rawSession();
    const command = new EncryptCommand({ KeyId: other?.Arn, Plaintext: PLAINTEXT, EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' });
    await expect(kms.send(command)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('session policy'),
    });
  });

  test('keeps us to one algorithm', async () => {
    const kms = await rawSession();
    const encrypt = (EncryptionAlgorithm: 'RSAES_OAEP_SHA_1' | 'RSAES_OAEP_SHA_256') =>
      kms.send(new EncryptCommand({ KeyId: customer.keyArns.main, Plaintext: PLAINTEXT, EncryptionAlgorithm }));
    await expect(encrypt('RSAES_OAEP_SHA_1')).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(encrypt('RSAES_OAEP_SHA_256')).resolves.toMatchObject({ KeyId: customer.keyArns.main });
  });
});

describe('the service’s own identity', () => {
  test('may already be the principal role', async () => {
    const sts = new STSClient({ endpoint: world.sandbox.url, region: MAIN, credentials: world.platform.baseCredentials });
    const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: world.platform.principalArn, RoleSessionName: 'ambient' }));
    const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '', SessionToken: sessionToken = '' } = Credentials ?? {};
    const aws = world.aws({ mode: 'ambient', baseCredentials: { accessKeyId, secretAccessKey, sessionToken } });
    const calls = await world.seen(() => seal(aws));
    expect(operations(calls, 'AssumeRole')).toMatchObject([{ accessKeyId, outcome: 'ok' }]);
  });

  test('is taken on again when AWS calls its session expired', async () => {
    const aws = world.aws({ clock: new TestClock() });
    await seal(aws);
    await world.sandbox.control.clock({ offsetSeconds: 3_700 });
    aws.forget(key.workspaceId, key.vaultId);
    await expect(seal(aws)).resolves.toHaveLength(512);
  });

  test('that does not work is never the customer’s refusal', async () => {
    const aws = world.aws({ principalArn: `arn:aws:iam::${world.platform.accountId}:role/nobody` });
    await expect(seal(aws)).rejects.toMatchObject({ code: 'platform' });
    const unknown = world.aws({ baseCredentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x'.repeat(40) } });
    await expect(seal(unknown)).rejects.toMatchObject({ code: 'platform' });
  });
});

test('no call is ever signed with another workspace’s session', async () => {
  const { key: other } = await world.customer();
  const aws = world.aws();
  const calls = await world.seen(() => Promise.all(Array.from({ length: 32 }, (_, turn) => seal(aws, turn % 2 === 0 ? key : other))));
  const accountOf = new Map([key, other].map(({ keyId, accountId }) => [keyId, accountId]));
  const signed = operations(calls, 'Encrypt').map(({ keyId = '', callerArn = '' }) => [accountOf.get(keyId), callerArn.split(':')[4]]);
  expect(signed).toHaveLength(32);
  for (const [owner, signer] of signed) expect(signer).toBe(owner);
  const names = new Set(operations(calls, 'Encrypt').map(({ keyId, accessKeyId }) => `${keyId ?? ''} ${accessKeyId ?? ''}`));
  expect(names.size).toBe(2);
});

test('a customer whose key hangs keeps no other waiting', async () => {
  const { key: hanging } = await world.customer();
  const aws = world.aws({ limits: { attemptMs: 3_000, queuedPerVault: 4 } });
  await seal(aws, hanging);
  await seal(aws);
  await world.sandbox.control.fault({ keyId: hanging.keyId, fault: { kind: 'hang' } });
  const order: string[] = [];
  const stuck = Array.from({ length: 12 }, () =>
    seal(aws, hanging).then(
      () => order.push('hung'),
      () => order.push('hung'),
    ),
  );
  const busy = await seal(aws, hanging).catch((error: unknown) => error);
  await Promise.all(Array.from({ length: 8 }, () => seal(aws).then(() => order.push('served'))));
  expect(busy).toMatchObject({ code: 'busy' });
  expect(order).toEqual(Array.from({ length: 8 }, () => 'served'));
  await world.sandbox.control.clearFaults();
  await Promise.all(stuck);
}, 30_000);

test('no setting of the environment or of a profile moves a call to another host', async () => {
  const elsewhere = 'http://127.0.0.1:9';
  const before = { ...process.env };
  const names = ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_KMS', 'AWS_ENDPOINT_URL_STS'];
  for (const name of names) process.env[name] = elsewhere;
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_USE_FIPS_ENDPOINT: 'true',
    AWS_USE_DUALSTACK_ENDPOINT: 'true',
    AWS_MAX_ATTEMPTS: '9',
  });
  try {
    await expect(seal(world.aws())).resolves.toHaveLength(512);
    const clients = new RegionalClients(undefined, awsTerms(world.options()).limits);
    const hosts = await Promise.all(
      [clients.baseSts(MAIN, world.platform.baseCredentials), clients.baseSts(REPLICA, world.platform.baseCredentials)].map(hostOf),
    );
    expect(hosts).toEqual(['sts.us-east-2.amazonaws.com', 'sts.us-west-2.amazonaws.com']);
  } finally {
    process.env = before;
  }
});

/** The host to which a client would send, without sending. */
async function hostOf(client: STSClient): Promise<string> {
  let host = '';
  client.middlewareStack.add(
    () => (args) => {
      host = (args.request as { hostname: string }).hostname;
      throw new Error('not sent');
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  await client.send(new AssumeRoleCommand({ RoleArn: world.platform.principalArn, RoleSessionName: 'host' })).catch(() => undefined);
  return host;
}
