import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  ListResourceTagsCommand,
} from '@aws-sdk/client-kms';
import { managedKeyPolicy } from '#aws';
import { KeyBytes } from '#envelope';
import { iamClient, kmsClient, type SandboxCredentials } from '../../../../test/harness/sandbox-clients.js';
import type { KeyHealth, KeyStrategy, VaultKey } from '../contract.js';
import { describeKeyStrategy } from '../testing/key-strategy-contract.js';
import { ManagedStrategy } from './managed-strategy.js';
import { aManagedWorld, aName, MAIN, type ManagedWorld, REPLICA } from '../testing/managed-world.js';

jest.setTimeout(60_000);

const contextOf = ({ workspaceId, vaultId, vaultKeyId }: VaultKey) => ({ workspaceId, vaultId, vaultKeyId, dataKeyId: randomUUID() });

describeKeyStrategy(
  'managed',
  async () => {
    const { world, strategy, aKey } = await aManagedWorld();
    const key = await aKey();
    return { wrapper: strategy.open(key), context: contextOf(key), close: () => world.close() };
  },
  { flips: 64 },
);

describe('ManagedStrategy', () => {
  let managed: ManagedWorld;
  let strategy: ManagedStrategy;
  let key: VaultKey;

  beforeAll(async () => {
    managed = await aManagedWorld();
    ({ strategy } = managed);
    key = await managed.aKey();
  });
  afterEach(() => managed.world.sandbox.control.clearFaults());
  afterAll(() => managed.world.close());

  const keyId = () => (key.config as { keyId: string }).keyId;
  const sandboxUrl = () => managed.world.sandbox.url;

  /** Credentials of a new session of one of the platform's roles, through its principal. */
  const sessionOf = async (roleArn: string): Promise<SandboxCredentials & { sessionToken: string }> => {
    const { baseCredentials, principalArn } = managed.world.platform;
    const principal = await assumed(baseCredentials, principalArn);
    return assumed(principal, roleArn);
  };
  const assumed = async (credentials: SandboxCredentials, roleArn: string) => {
    const sts = new STSClient({ endpoint: sandboxUrl(), region: MAIN, credentials });
    const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'test' }));
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  };
  const kms = async (roleArn: string, region = MAIN) => kmsClient(sandboxUrl(), region, await sessionOf(roleArn));

  /** A data key wrapped by a healthy key, and its unwrapping as the key's health is last known. */
  const aWrapped = async () => {
    const wrappedUnder = contextOf(key);
    const dataKey = KeyBytes.random();
    const { wrapped } = await strategy.open(key).wrap(wrappedUnder, dataKey);
    return { dataKey, unwrap: (lastKnown?: KeyHealth) => strategy.open(key, lastKnown).unwrap(wrappedUnder, wrapped) };
  };

  test('takes no configuration', () => {
    expect(strategy.configure('', undefined)).toEqual({});
    for (const input of [{}, null, { keyId: keyId() }, 'mrk'])
      expect(() => strategy.configure('', input)).toThrow(expect.objectContaining({ code: 'bad_config' }));
  });

  test('shows the ARN of the key in both Regions, and its fingerprint', () => {
    const { accountId, managedKeys } = managed.world.platform;
    expect(strategy.describe(key)).toEqual({
      managed: {
        keyArns: { main: `arn:aws:kms:${MAIN}:${accountId}:key/${keyId()}`, replica: `arn:aws:kms:${REPLICA}:${accountId}:key/${keyId()}` },
        publicKeyFingerprint: (key.config as { fingerprint: string }).fingerprint,
      },
    });
    expect(JSON.stringify(strategy.describe(key))).not.toContain(managedKeys.userRoleArn);
  });

  test('asks the replica while the main Region is silent, and nobody else after a refusal', async () => {
    const { dataKey, unwrap } = await aWrapped();
    await managed.world.sandbox.control.fault({ region: MAIN, service: 'kms', fault: { kind: 'black-hole' } });
    const { dataKey: unwrapped, calls } = await unwrap('healthy');
    expect(unwrapped.expose()).toEqual(dataKey.expose());
    expect(calls.at(-1)).toMatchObject({ operation: 'Decrypt', region: REPLICA, outcome: 'ok' });
    await expect(unwrap('refused')).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('tells people of a refusal that the operator must act, and nothing of the operator’s roles', async () => {
    const other = await managed.aKey();
    const { keyId: otherId } = other.config as { keyId: string };
    const root = kmsClient(sandboxUrl(), MAIN, managed.world.platform.root);
    await managed.world.sandbox.control.fault({
      operation: 'Encrypt',
      keyId: otherId,
      fault: { kind: 'error', status: 400, code: 'AccessDeniedException', message: 'no resource-based policy allows' },
    });
    const error: unknown = await strategy
      .open(other)
      .wrap(contextOf(other), KeyBytes.random())
      .catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: 'refused', facts: { cause: 'key_policy_closed', remedy: expect.stringContaining('operator') } });
    expect((error as { facts: { remedy: string } }).facts.remedy).not.toContain('arn:aws:iam');
    root.destroy();
  });

  test.each([MAIN, REPLICA])('has in %s a policy that names the two roles and nobody else, and the tags of its vault', async (region) => {
    const { managedKeys } = managed.world.platform;
    const administrator = await kms(managedKeys.administratorRoleArn, region);
    const { Policy = '' } = await administrator.send(new GetKeyPolicyCommand({ KeyId: keyId() }));
    const principals = (JSON.parse(Policy) as { Statement: { Principal: unknown }[] }).Statement.map(({ Principal }) => Principal);
    expect(new Set(principals.map((principal) => JSON.stringify(principal)))).toEqual(
      new Set([managedKeys.userRoleArn, managedKeys.administratorRoleArn].map((arn) => JSON.stringify({ AWS: arn }))),
    );
    expect(JSON.parse(Policy)).toEqual(JSON.parse(JSON.stringify(managedKeyPolicy(managedKeys))));
    const { Tags = [] } = await administrator.send(new ListResourceTagsCommand({ KeyId: keyId() }));
    expect(Object.fromEntries(Tags.map(({ TagKey, TagValue }) => [TagKey, TagValue]))).toEqual({
      'keyhold:deployment': 'keyhold',
      'keyhold:workspace': key.workspaceId,
      'keyhold:vault': key.vaultId,
      'keyhold:vault-key': key.vaultKeyId,
    });
    const { KeyMetadata } = await administrator.send(new DescribeKeyCommand({ KeyId: `alias/keyhold/${key.vaultId}/${key.vaultKeyId}` }));
    expect(KeyMetadata).toMatchObject({
      KeyId: keyId(),
      KeySpec: 'RSA_4096',
      KeyUsage: 'ENCRYPT_DECRYPT',
      MultiRegion: true,
      KeyState: 'Enabled',
    });
  });

  test('has a key that no administrator of the account can use, nor the role that administers it', async () => {
    const { accountId, managedKeys, root } = managed.world.platform;
    const iam = iamClient(sandboxUrl(), root);
    const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: managed.world.platform.principalArn } };
    const all = { Effect: 'Allow', Action: '*', Resource: '*' };
    const policy = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    await iam.send(new CreateRoleCommand({ RoleName: 'admin', AssumeRolePolicyDocument: policy(trust) }));
    await iam.send(new PutRolePolicyCommand({ RoleName: 'admin', PolicyName: 'all', PolicyDocument: policy(all) }));
    const encrypt = { KeyId: keyId(), Plaintext: Buffer.alloc(80), EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' as const };
    const decrypt = { KeyId: keyId(), CiphertextBlob: Buffer.alloc(512), EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' as const };
    const others = [
      kmsClient(sandboxUrl(), MAIN, root),
      await kms(`arn:aws:iam::${accountId}:role/admin`),
      await kms(managedKeys.administratorRoleArn),
    ];
    for (const other of others) {
      await expect(other.send(new EncryptCommand(encrypt))).rejects.toMatchObject({ name: 'AccessDeniedException' });
      await expect(other.send(new DecryptCommand(decrypt))).rejects.toMatchObject({ name: 'AccessDeniedException' });
      await expect(other.send(new DisableKeyCommand({ KeyId: keyId() }))).rejects.toMatchObject({ name: 'AccessDeniedException' });
    }
    const user = await kms(managedKeys.userRoleArn);
    await expect(user.send(new EncryptCommand(encrypt))).resolves.toMatchObject({ EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' });
    await expect(user.send(new DisableKeyCommand({ KeyId: keyId() }))).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('uses a key in a session that can use no other vault’s', async () => {
    const other = await managed.aKey();
    const crossed: VaultKey = { ...key, config: other.config };
    const calls = await managed.world.seen(async () => {
      await strategy.open(other).wrap(contextOf(other), KeyBytes.random());
    });
    const session = calls.find(({ operation }) => operation === 'Encrypt');
    expect(session?.callerArn).toContain(`/keyhold.${other.workspaceId.slice(0, 8)}.${other.vaultId.slice(0, 8)}.seal`);
    // what another vault's key wrapped is not opened, although the role may use both keys
    const dataKey = KeyBytes.random();
    const context = contextOf(other);
    const { wrapped } = await strategy.open(other).wrap(context, dataKey);
    await expect(strategy.open(crossed).unwrap(contextOf(key), wrapped)).rejects.toMatchObject({ code: 'not_intact' });
  });

  test('makes no key where the operator has not set it up, and goes on using those that are there', async () => {
    const unset = new ManagedStrategy(managed.world.aws(), undefined);
    await expect(unset.maker.make(aName(), true, [])).rejects.toMatchObject({
      code: 'bad_config',
      facts: { cause: 'managed_keys_not_set_up' },
    });
    await expect(unset.open(key).probe()).resolves.toMatchObject({ ok: true, health: 'healthy' });
  });

  test('exports to nobody', () => {
    const asAnyStrategy: KeyStrategy = strategy;
    expect(asAnyStrategy.exportRecipient(key)).toBeUndefined();
  });
});
