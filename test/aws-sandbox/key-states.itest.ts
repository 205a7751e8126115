import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  GetPublicKeyCommand,
  type KMSClient,
  PutKeyPolicyCommand,
  ReplicateKeyCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UpdatePrimaryRegionCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type RunningSandbox, startSandbox } from '../harness/sandbox.js';
import { type Account, aKey, anAccount, clientsFor, MAIN, OAEP, OTHER, refusalOf } from './sandbox-account.js';

let sandbox: RunningSandbox;
let account: Account;
let kms: KMSClient;

beforeAll(async () => {
  sandbox = await startSandbox();
});
beforeEach(async () => {
  await sandbox.control.reset();
  account = await anAccount(sandbox);
  kms = account.kms();
});
afterAll(() => sandbox.stop());

const arn = (keyId: string, region = MAIN) => `arn:aws:kms:${region}:${account.accountId}:key/${keyId}`;
const encrypt = (keyId: string) => new EncryptCommand({ KeyId: keyId, Plaintext: Buffer.from('x'), EncryptionAlgorithm: OAEP });
const describeKey = async (keyId: string, region = MAIN) =>
  (await account.kms(region).send(new DescribeKeyCommand({ KeyId: keyId }))).KeyMetadata;

const STATES = ['Enabled', 'Disabled', 'PendingDeletion', 'PendingReplicaDeletion', 'Creating', 'Updating'] as const;
type State = (typeof STATES)[number];

/** Brings a new key into a state. @returns the client of the Region where it is in that state, and its ARN */
async function keyIn(state: State): Promise<{ client: KMSClient; keyId: string; region: string }> {
  const keyId = await aKey(kms);
  switch (state) {
    case 'Enabled':
      break;
    case 'Disabled':
      await kms.send(new DisableKeyCommand({ KeyId: keyId }));
      break;
    case 'PendingDeletion':
      await kms.send(new ScheduleKeyDeletionCommand({ KeyId: keyId }));
      break;
    case 'PendingReplicaDeletion':
      await kms.send(new ReplicateKeyCommand({ KeyId: keyId, ReplicaRegion: OTHER }));
      await kms.send(new ScheduleKeyDeletionCommand({ KeyId: keyId }));
      break;
    case 'Creating':
      await sandbox.control.clock({ transitionSeconds: 600 });
      await kms.send(new ReplicateKeyCommand({ KeyId: keyId, ReplicaRegion: OTHER }));
      return { client: account.kms(OTHER), keyId, region: OTHER };
    case 'Updating':
      await kms.send(new ReplicateKeyCommand({ KeyId: keyId, ReplicaRegion: OTHER }));
      await sandbox.control.clock({ transitionSeconds: 600 });
      await kms.send(new UpdatePrimaryRegionCommand({ KeyId: keyId, PrimaryRegion: OTHER }));
      return { client: account.kms(OTHER), keyId, region: OTHER };
  }
  return { client: kms, keyId, region: MAIN };
}

const OPERATIONS = {
  Encrypt: (client: KMSClient, keyId: string) => client.send(encrypt(keyId)),
  GetPublicKey: (client: KMSClient, keyId: string) => client.send(new GetPublicKeyCommand({ KeyId: keyId })),
  DescribeKey: (client: KMSClient, keyId: string) => client.send(new DescribeKeyCommand({ KeyId: keyId })),
  GetKeyPolicy: (client: KMSClient, keyId: string) => client.send(new GetKeyPolicyCommand({ KeyId: keyId })),
  PutKeyPolicy: async (client: KMSClient, keyId: string) => {
    const { Policy } = await client.send(new GetKeyPolicyCommand({ KeyId: keyId }));
    return client.send(new PutKeyPolicyCommand({ KeyId: keyId, Policy }));
  },
  EnableKey: (client: KMSClient, keyId: string) => client.send(new EnableKeyCommand({ KeyId: keyId })),
  DisableKey: (client: KMSClient, keyId: string) => client.send(new DisableKeyCommand({ KeyId: keyId })),
  ScheduleKeyDeletion: (client: KMSClient, keyId: string) => client.send(new ScheduleKeyDeletionCommand({ KeyId: keyId })),
  CancelKeyDeletion: (client: KMSClient, keyId: string) => client.send(new CancelKeyDeletionCommand({ KeyId: keyId })),
  CreateAlias: (client: KMSClient, keyId: string) =>
    client.send(new CreateAliasCommand({ AliasName: `alias/${keyId}`, TargetKeyId: keyId })),
  TagResource: (client: KMSClient, keyId: string) =>
    client.send(new TagResourceCommand({ KeyId: keyId, Tags: [{ TagKey: 'a', TagValue: 'b' }] })),
  ReplicateKey: (client: KMSClient, keyId: string) => client.send(new ReplicateKeyCommand({ KeyId: keyId, ReplicaRegion: 'eu-west-1' })),
} as const;
type Operation = keyof typeof OPERATIONS;

const ok = 'no refusal';
const disabled = (a: string) => `DisabledException: ${a} is disabled.`;
const invalid = (what: string) => (a: string) => `KMSInvalidStateException: ${a} is ${what}.`;
const pendingDeletion = invalid('pending deletion');
const pendingReplicaDeletion = invalid('pending replica deletion');
const creating = invalid('creating');
const updating = invalid('updating');
const notPending = invalid('not pending deletion');
const notPrimary = (a: string) => `UnsupportedOperationException: ${a} is not a multi-region primary key.`;

/** One row of the table of key states; the order of the columns is that of STATES. */
const TABLE: Record<Operation, readonly (string | ((arn: string) => string))[]> = {
  Encrypt: [ok, disabled, pendingDeletion, pendingReplicaDeletion, creating, ok],
  GetPublicKey: [ok, ok, pendingDeletion, pendingReplicaDeletion, creating, ok],
  DescribeKey: [ok, ok, ok, ok, ok, ok],
  GetKeyPolicy: [ok, ok, ok, ok, ok, ok],
  PutKeyPolicy: [ok, ok, ok, ok, ok, ok],
  EnableKey: [ok, ok, pendingDeletion, pendingReplicaDeletion, creating, updating],
  DisableKey: [ok, ok, pendingDeletion, pendingReplicaDeletion, creating, updating],
  ScheduleKeyDeletion: [ok, ok, pendingDeletion, pendingReplicaDeletion, ok, updating],
  CancelKeyDeletion: [notPending, notPending, ok, ok, notPending, notPending],
  CreateAlias: [ok, ok, pendingDeletion, pendingReplicaDeletion, ok, ok],
  TagResource: [ok, ok, pendingDeletion, pendingReplicaDeletion, ok, ok],
  ReplicateKey: [ok, disabled, pendingDeletion, pendingReplicaDeletion, notPrimary, updating],
};

describe('the table of key states', () => {
  const cells = Object.entries(TABLE).flatMap(([operation, row]) =>
    row.map((expected, column) => ({ operation: operation as Operation, state: STATES[column] ?? 'Enabled', expected })),
  );

  it.each(cells)('$operation of a key that is $state', async ({ operation, state, expected }) => {
    const { client, keyId, region } = await keyIn(state);
    expect((await describeKey(keyId, region))?.KeyState).toBe(state);
    const text = typeof expected === 'string' ? expected : expected(arn(keyId, region));
    expect(await refusalOf(OPERATIONS[operation](client, keyId))).toBe(text);
  });
});

describe('a multi-Region key', () => {
  it('is one key pair with the same id in both Regions, each opening what the other sealed', async () => {
    const keyId = await aKey(kms, { KeySpec: 'RSA_4096' });
    await kms.send(new ReplicateKeyCommand({ KeyId: keyId, ReplicaRegion: OTHER }));
    const [here, there] = await Promise.all(
      [MAIN, OTHER].map((region) => account.kms(region).send(new GetPublicKeyCommand({ KeyId: keyId }))),
    );
    expect(here?.PublicKey).toEqual(there?.PublicKey);
    expect(here?.PublicKey).toHaveLength(550);
    const sealed = await kms.send(encrypt(keyId));
    expect(sealed.CiphertextBlob).toHaveLength(512);
    const opened = await account
      .kms(OTHER)
      .send(new DecryptCommand({ KeyId: keyId, CiphertextBlob: sealed.CiphertextBlob, EncryptionAlgorithm: OAEP }));
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('x');
    expect(opened.KeyId).toBe(arn(keyId, OTHER));
  });

  it('shows the same primary and the same replicas in every Region', async () => {
    const keyId = await aKey(kms);
    for (const region of [OTHER, 'eu-west-1']) await kms.send(new ReplicateKeyCommand({ KeyId: keyId, ReplicaRegion: region }));
    const [here, there] = [await describeKey(keyId), await describeKey(keyId, OTHER)];
    expect(here?.MultiRegionConfiguration?.MultiRegionKeyType).toBe('PRIMARY');
    expect(there?.MultiRegionConfiguration?.MultiRegionKeyType).toBe('REPLICA');
    for (const metadata of [here, there]) {
      expect(metadata?.MultiRegionConfiguration?.PrimaryKey).toEqual({ Arn: arn(keyId), Region: MAIN });
      expect(metadata?.MultiRegionConfiguration?.ReplicaKeys?.map(({ Region }) => Region)).toEqual(['eu-west-1', OTHER]);
    }
  });

  it('is disabled in one Region alone', async () => {
    const keyId = await aKey(kms);
    await kms.send(new ReplicateKeyCommand({ KeyId: keyId, ReplicaRegion: OTHER }));
    await kms.send(new DisableKeyCommand({ KeyId: keyId }));
    expect(await refusalOf(kms.send(encrypt(keyId)))).toBe(disabled(arn(keyId)));
    expect(await refusalOf(account.kms(OTHER).send(encrypt(keyId)))).toBe(ok);
  });

  it('has a replica that is Creating until the time for it has passed', async () => {
    await sandbox.control.clock({ transitionSeconds: 10 });
    const keyId = await aKey(kms);
    const { ReplicaKeyMetadata } = await kms.send(new ReplicateKeyCommand({ KeyId: keyId, ReplicaRegion: OTHER }));
    expect([ReplicaKeyMetadata?.KeyState, ReplicaKeyMetadata?.Enabled]).toEqual(['Creating', false]);
    await sandbox.control.clock({ offsetSeconds: 11 });
    expect((await describeKey(keyId, OTHER))?.KeyState).toBe('Enabled');
  });

  it('swaps its roles when the primary Region changes, and refuses what only a primary may do', async () => {
    const keyId = await aKey(kms);
    await kms.send(new ReplicateKeyCommand({ KeyId: keyId, ReplicaRegion: OTHER }));
    await kms.send(new UpdatePrimaryRegionCommand({ KeyId: keyId, PrimaryRegion: OTHER }));
    expect((await describeKey(keyId))?.MultiRegionConfiguration?.MultiRegionKeyType).toBe('REPLICA');
    expect((await describeKey(keyId))?.MultiRegionConfiguration?.PrimaryKey?.Region).toBe(OTHER);
    expect(await refusalOf(kms.send(new ReplicateKeyCommand({ KeyId: keyId, ReplicaRegion: 'eu-west-1' })))).toBe(notPrimary(arn(keyId)));
    expect(await refusalOf(kms.send(new UpdatePrimaryRegionCommand({ KeyId: keyId, PrimaryRegion: MAIN })))).toBe(
      `KMSInvalidStateException: ${arn(keyId)} is not a multi-Region primary key.`,
    );
  });

  it('refuses replicas and primaries where they cannot be', async () => {
    const keyId = await aKey(kms);
    const replicate = (region: string) => refusalOf(kms.send(new ReplicateKeyCommand({ KeyId: keyId, ReplicaRegion: region })));
    expect(await replicate(MAIN)).toBe(`ValidationException: ${MAIN} cannot have a replica because it contains the primary.`);
    expect(await replicate(OTHER)).toBe(ok);
    expect(await replicate(OTHER)).toBe('AlreadyExistsException: You can create only one replica of each primary key in each AWS Region.');
    expect(await refusalOf(kms.send(new UpdatePrimaryRegionCommand({ KeyId: keyId, PrimaryRegion: 'eu-west-1' })))).toBe(
      `ValidationException: ${keyId} does not have a replica key in the specified Region.`,
    );
    expect(await refusalOf(kms.send(new ReplicateKeyCommand({ KeyId: 'alias/any', ReplicaRegion: 'eu-west-1' })))).toBe(
      'InvalidArnException: Key Aliases are not supported for this operation.',
    );
  });
});

describe('deletion', () => {
  const DAY = 86_400;

  /** From now on the sandbox, and the account's clients with it, are that many days ahead. */
  async function daysLater(days: number): Promise<void> {
    await sandbox.control.clock({ offsetSeconds: days * DAY });
    account = { accountId: account.accountId, ...clientsFor(sandbox.url, account.credentials, days * DAY) };
    kms = account.kms();
  }

  it('of a primary waits for its replicas, and begins when the last one is gone', async () => {
    const keyId = await aKey(kms);
    await kms.send(new ReplicateKeyCommand({ KeyId: keyId, ReplicaRegion: OTHER }));
    const scheduled = await kms.send(new ScheduleKeyDeletionCommand({ KeyId: keyId, PendingWindowInDays: 10 }));
    expect(scheduled).toMatchObject({ KeyId: arn(keyId), KeyState: 'PendingReplicaDeletion', PendingWindowInDays: 10 });
    expect(scheduled.DeletionDate).toBeUndefined();
    expect((await describeKey(keyId))?.PendingDeletionWindowInDays).toBe(10);
    const replica = await account.kms(OTHER).send(new ScheduleKeyDeletionCommand({ KeyId: keyId, PendingWindowInDays: 7 }));
    await daysLater(8);
    expect(await refusalOf(account.kms(OTHER).send(new DescribeKeyCommand({ KeyId: keyId })))).toBe(
      `NotFoundException: Key '${arn(keyId, OTHER)}' does not exist`,
    );
    const primary = await describeKey(keyId);
    expect(primary?.KeyState).toBe('PendingDeletion');
    expect(primary?.DeletionDate?.getTime()).toBe((replica.DeletionDate?.getTime() ?? 0) + 10 * DAY * 1000);
    await daysLater(18);
    expect(await refusalOf(kms.send(new DescribeKeyCommand({ KeyId: keyId })))).toBe(
      `NotFoundException: Key '${arn(keyId)}' does not exist`,
    );
  });

  it('leaves the replica at work, and a deleted replica can be made again with the same key pair', async () => {
    const keyId = await aKey(kms);
    await kms.send(new ReplicateKeyCommand({ KeyId: keyId, ReplicaRegion: OTHER }));
    const sealed = await account.kms(OTHER).send(encrypt(keyId));
    await account.kms(OTHER).send(new ScheduleKeyDeletionCommand({ KeyId: keyId, PendingWindowInDays: 7 }));
    expect(await refusalOf(kms.send(encrypt(keyId)))).toBe(ok);
    await daysLater(8);
    await kms.send(new ReplicateKeyCommand({ KeyId: keyId, ReplicaRegion: OTHER }));
    const opened = await account
      .kms(OTHER)
      .send(new DecryptCommand({ KeyId: keyId, CiphertextBlob: sealed.CiphertextBlob, EncryptionAlgorithm: OAEP }));
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('x');
  });

  it('ends, when it is cancelled, with a key that is disabled', async () => {
    const keyId = await aKey(kms, { MultiRegion: false });
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: keyId }));
    await kms.send(new CancelKeyDeletionCommand({ KeyId: keyId }));
    const metadata = await describeKey(keyId);
    expect([metadata?.KeyState, metadata?.DeletionDate, metadata?.MultiRegionConfiguration]).toEqual(['Disabled', undefined, undefined]);
  });
});
