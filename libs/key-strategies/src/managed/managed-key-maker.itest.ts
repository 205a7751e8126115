import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { CreateKeyCommand, DescribeKeyCommand, ListKeysCommand, ReplicateKeyCommand } from '@aws-sdk/client-kms';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { aliasOf, ManagedKeyAdministration } from '#aws';
import { TestClock } from '../../../aws/src/testing/test-clock.js';
import { kmsClient } from '../../../../test/harness/sandbox-clients.js';
import type { SandboxFaultOrder } from '../../../../test/harness/sandbox.js';
import type { KeyCall, VaultKey, VaultKeyName } from '../contract.js';
import { ManagedKeyMaker } from './managed-key-maker.js';
import { aManagedWorld, aName, MAIN, type ManagedWorld, REPLICA } from '../testing/managed-world.js';

jest.setTimeout(60_000);

describe('a key maker', () => {
  let managed: ManagedWorld;

  beforeAll(async () => {
    managed = await aManagedWorld();
  });
  afterEach(async () => {
    await managed.world.sandbox.control.clearFaults();
    await managed.world.sandbox.control.clock({ transitionSeconds: 0 });
  });
  afterAll(() => managed.world.close());

  const fault = (order: SandboxFaultOrder) => managed.world.sandbox.control.fault(order);
  const keyOf = (name: VaultKeyName, config: unknown): VaultKey => ({ ...name, strategy: 'managed', config });
  const idOf = (config: unknown) => (config as { keyId: string }).keyId;

  const administratorOf = (name: VaultKeyName) => {
    const roles = managed.world.platform.managedKeys;
    return new ManagedKeyAdministration({ ...managed.world.options(), roles, deploymentId: 'keyhold' }).open(name, []);
  };
  const stateOf = async (name: VaultKeyName, keyId: string, region = MAIN) =>
    (await (await administratorOf(name)).describe(keyId, region === MAIN ? MAIN : REPLICA))?.state;

  test('makes a key with its replica, enabled in both Regions and under its alias', async () => {
    const name = aName();
    const calls: KeyCall[] = [];
    const config = await managed.maker.make(name, true, calls);
    expect(config).toEqual({
      accountId: managed.world.platform.accountId,
      keyId: expect.stringMatching(/^mrk-/),
      roleArn: managed.world.platform.managedKeys.userRoleArn,
    });
    const administrator = await administratorOf(name);
    for (const region of [MAIN, REPLICA] as const) {
      expect(await administrator.describe(aliasOf(name), region)).toMatchObject({ state: 'Enabled', replicaRegions: [REPLICA] });
      expect(await administrator.isOurs(idOf(config), region)).toBe(true);
    }
    expect(calls.map(({ operation }) => operation)).toEqual(
      expect.arrayContaining(['AssumeRole', 'CreateKey', 'CreateAlias', 'ReplicateKey']),
    );
    expect(calls.every(({ requestId, outcome }) => requestId !== undefined && outcome !== 'unknown')).toBe(true);
  });

  /** Every request of a creation, before it has its effect and after: then AWS has done it and nobody was told. */
  const STEPS = (['before', 'after'] as const).flatMap((when) => [
    { when, service: 'sts' as const, operation: 'AssumeRole' },
    { when, service: 'kms' as const, operation: 'CreateKey' },
    { when, service: 'kms' as const, operation: 'DescribeKey' },
    { when, service: 'kms' as const, operation: 'ReplicateKey' },
    { when, service: 'kms' as const, operation: 'CreateAlias', region: MAIN },
    { when, service: 'kms' as const, operation: 'CreateAlias', region: REPLICA },
  ]);

  test.each(STEPS)(
    'goes on where a try broke off $when $operation, with one key in the end',
    async ({ when, service, operation, ...where }) => {
      const name = aName();
      const limits = { attemptMs: 5_000 };
      const lift = await fault({ service, operation, when, fault: { kind: 'reset' }, ...where });
      await expect(managed.anotherMaker({ limits }).make(name, true, [])).rejects.toMatchObject({ code: 'unreachable' });
      await lift();
      const config = await managed.anotherMaker({ limits }).make(name, false, []);
      await expect(managed.strategy.open(keyOf(name, config)).probe()).resolves.toMatchObject({ ok: true });
      const administrator = await administratorOf(name);
      expect(await administrator.findByTags(MAIN)).toEqual([idOf(config)]);
    },
  );

  test('waits until the replica is usable, and gives up in time with the cause, the Region and what to do', async () => {
    await managed.world.sandbox.control.clock({ transitionSeconds: 3_600 });
    const clock = new TestClock();
    const roles = managed.world.platform.managedKeys;
    const administration = new ManagedKeyAdministration({ ...managed.world.options({ clock }), roles, deploymentId: 'keyhold' });
    const name = aName();
    await expect(new ManagedKeyMaker(administration).make(name, true, [])).rejects.toMatchObject({
      code: 'unreachable',
      facts: { cause: 'key_not_ready', region: REPLICA, remedy: expect.stringContaining('Repeat the same request') },
    });
    await managed.world.sandbox.control.clock({ offsetSeconds: 3_601 });
    const config = await managed.maker.make(name, false, []);
    expect(await stateOf(name, idOf(config), REPLICA)).toBe('Enabled');
    await managed.world.sandbox.control.clock({ offsetSeconds: 0 });
  });

  test('says of a refusal that it is the operator’s affair', async () => {
    await fault({ operation: 'CreateKey', fault: { kind: 'error', status: 400, code: 'AccessDeniedException', message: 'no' } });
    await expect(managed.maker.make(aName(), true, [])).rejects.toMatchObject({
      code: 'refused',
      facts: { awsError: 'AccessDeniedException', awsRequestId: expect.any(String), remedy: expect.stringContaining('operator') },
    });
  });

  test('ends a key in both Regions, its replica first', async () => {
    const name = aName();
    const key = keyOf(name, await managed.maker.make(name, true, []));
    const calls = await managed.world.seen(async () => {
      const endsAt = await managed.maker.end(key, 7, []);
      expect(Math.round((endsAt.getTime() - Date.now()) / 86_400_000)).toBe(14);
    });
    const scheduled = calls.filter(({ operation }) => operation === 'ScheduleKeyDeletion');
    expect(scheduled).toMatchObject([
      { region: REPLICA, outcome: 'ok' },
      { region: MAIN, outcome: 'ok' },
    ]);
    expect(await stateOf(name, idOf(key.config))).toBe('PendingReplicaDeletion');
    expect(await stateOf(name, idOf(key.config), REPLICA)).toBe('PendingDeletion');
    await expect(managed.maker.end(key, 7, [])).resolves.toBeInstanceOf(Date); // a repeat finds it done
    await expect(managed.maker.isEnding(key)).resolves.toBe(true);
  });

  test.each([MAIN, REPLICA])('ends a key when the first try could not ask %s', async (region) => {
    const name = aName();
    const key = keyOf(name, await managed.maker.make(name, true, []));
    const lift = await fault({ region, operation: 'ScheduleKeyDeletion', fault: { kind: 'reset' } });
    await expect(managed.maker.end(key, 30, [])).rejects.toMatchObject({ code: 'unreachable' });
    await lift();
    await managed.maker.end(key, 30, []);
    expect(await stateOf(name, idOf(key.config))).toBe('PendingReplicaDeletion');
    expect(await stateOf(name, idOf(key.config), REPLICA)).toBe('PendingDeletion');
  });

  test('ends no key that is another vault’s, or nobody’s, whatever it is told', async () => {
    const [name, other] = [aName(), aName()];
    const theirs = keyOf(name, await managed.maker.make(other, true, []));
    await expect(managed.maker.end(theirs, 7, [])).rejects.toMatchObject({ code: 'refused', facts: { cause: 'key_not_of_this_vault' } });
    expect(await stateOf(other, idOf(theirs.config))).toBe('Enabled');
    const root = kmsClient(managed.world.sandbox.url, MAIN, managed.world.platform.root);
    const { KeyMetadata } = await root.send(new CreateKeyCommand({ KeySpec: 'RSA_4096', KeyUsage: 'ENCRYPT_DECRYPT', MultiRegion: true }));
    const foreign = { ...(theirs.config as object), keyId: KeyMetadata?.KeyId ?? '' };
    await expect(managed.maker.end(keyOf(name, foreign), 7, [])).rejects.toMatchObject({ facts: { cause: 'key_not_of_this_vault' } });
    const { KeyMetadata: after } = await root.send(new DescribeKeyCommand({ KeyId: foreign.keyId }));
    expect(after?.KeyState).toBe('Enabled');
  });

  test('brings a key back that was to end, also when its replica is gone already', async () => {
    const name = aName();
    const key = keyOf(name, await managed.maker.make(name, true, []));
    await managed.maker.end(key, 7, []);
    await managed.maker.revive(key, []);
    await expect(managed.strategy.open(key).probe()).resolves.toMatchObject({ ok: true });
    await managed.maker.end(key, 7, []);
    await managed.world.sandbox.control.clock({ offsetSeconds: 8 * 86_400 });
    expect(await stateOf(name, idOf(key.config), REPLICA)).toBeUndefined();
    await managed.maker.revive(key, []);
    await expect(managed.strategy.open(key).probe()).resolves.toMatchObject({ ok: true });
    await managed.maker.end(key, 7, []);
    await managed.world.sandbox.control.clock({ offsetSeconds: 30 * 86_400 });
    await expect(managed.maker.revive(key, [])).rejects.toMatchObject({ code: 'refused', facts: { cause: 'key_not_found' } });
    await expect(managed.maker.isEnding(key)).resolves.toBe(true);
    await managed.world.sandbox.control.clock({ offsetSeconds: 0 });
  });

  test('ends every stray of a vault and leaves the key that is in use, and other vaults’ keys', async () => {
    const [name, other] = [aName(), aName()];
    const inUse = keyOf(name, await managed.maker.make(name, true, []));
    const stray = idOf(await managed.maker.make(name, true, [])); // as if the answer of the first CreateKey had been lost
    const theirs = idOf(await managed.maker.make(other, true, []));
    await expect(managed.maker.endStrays(name, [inUse], [])).resolves.toEqual([stray]);
    await expect(managed.maker.endStrays(name, [inUse], [])).resolves.toEqual([]);
    expect(await stateOf(name, idOf(inUse.config))).toBe('Enabled');
    expect(await stateOf(name, stray)).toBe('PendingReplicaDeletion');
    expect(await stateOf(other, theirs)).toBe('Enabled');
    await expect(managed.maker.endStrays(name, [], [])).resolves.toEqual([idOf(inUse.config)]);
  });

  test('lets the role that makes keys make none without the tag, and replicate none without it', async () => {
    const administrator = await administratorOf(aName());
    expect(administrator).toBeDefined();
    const untagged = { KeySpec: 'RSA_4096', KeyUsage: 'ENCRYPT_DECRYPT', MultiRegion: true } as const;
    const kms = await asAdministrator();
    await expect(kms.send(new CreateKeyCommand(untagged))).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const tagged = (value: string) => ({ ...untagged, Tags: [{ TagKey: 'keyhold:deployment', TagValue: value }] });
    await expect(kms.send(new CreateKeyCommand(tagged('another')))).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(kms.send(new CreateKeyCommand({ ...tagged('keyhold'), KeySpec: 'RSA_2048' }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    const name = aName();
    const { keyId } = await managed.maker.make(name, true, []);
    await expect(kms.send(new ReplicateKeyCommand({ KeyId: keyId, ReplicaRegion: 'eu-west-1' }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    await expect(kms.send(new ListKeysCommand({}))).resolves.toMatchObject({ Truncated: false });
  });

  const asAdministrator = async () => {
    const { baseCredentials, principalArn, managedKeys } = managed.world.platform;
    const assume = async (credentials: typeof baseCredentials, RoleArn: string) => {
      const sts = new STSClient({ endpoint: managed.world.sandbox.url, region: MAIN, credentials });
      const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'test' }));
      const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
      return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    };
    return kmsClient(
      managed.world.sandbox.url,
      MAIN,
      await assume(await assume(baseCredentials, principalArn), managedKeys.administratorRoleArn),
    );
  };
});
