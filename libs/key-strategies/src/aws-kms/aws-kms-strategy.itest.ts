import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createPublicKey, randomUUID } from 'node:crypto';
import { KeyBytes } from '#envelope';
import type { Customer } from '../../../../test/harness/customer.js';
import type { SandboxCall } from '../../../../test/harness/sandbox.js';
import { type AwsWorld, anAwsWorld } from '../../../aws/src/testing/aws-world.js';
import type { KeyHealth, VaultKey } from '../contract.js';
import { describeKeyStrategy } from '../testing/key-strategy-contract.js';
import { AwsKmsStrategy } from './aws-kms-strategy.js';

const MAIN = 'us-east-2';
const REPLICA = 'us-west-2';

/** A vault key that registration proved, for a customer of its own. */
async function aProvedKey(world: AwsWorld, strategy: AwsKmsStrategy): Promise<{ key: VaultKey; customer: Customer }> {
  const { customer, key: way } = await world.customer();
  const { workspaceId, vaultId } = way;
  const candidate: VaultKey = {
    workspaceId,
    vaultId,
    vaultKeyId: randomUUID(),
    strategy: 'aws-kms',
    config: strategy.configure(workspaceId, customer.target),
  };
  const { ok, checks, config } = await strategy.open(candidate).probe();
  if (!ok) throw new Error(JSON.stringify(checks));
  return { key: { ...candidate, config }, customer };
}

const contextOf = ({ workspaceId, vaultId, vaultKeyId }: VaultKey) => ({ workspaceId, vaultId, vaultKeyId, dataKeyId: randomUUID() });

describeKeyStrategy(
  'aws-kms',
  async () => {
    const world = await anAwsWorld();
    const strategy = new AwsKmsStrategy(world.aws());
    const { key } = await aProvedKey(world, strategy);
    return { wrapper: strategy.open(key), context: contextOf(key), close: () => world.close() };
  },
  { flips: 64 },
);

describe('AwsKmsStrategy', () => {
  let world: AwsWorld;
  let strategy: AwsKmsStrategy;
  let key: VaultKey;
  let customer: Customer;

  beforeAll(async () => {
    world = await anAwsWorld();
    strategy = new AwsKmsStrategy(world.aws({ limits: { attemptMs: 300 } }));
    ({ key, customer } = await aProvedKey(world, strategy));
  }, 60_000);
  afterEach(() => world.sandbox.control.clearFaults());
  afterAll(() => world.close());

  const context = () => contextOf(key);
  const kmsRegions = (calls: readonly SandboxCall[]) => calls.filter(({ service }) => service === 'kms').map(({ region }) => region);

  /** A data key wrapped by a healthy key, and its unwrapping as the key's health is last known. */
  const aWrapped = async () => {
    const wrappedUnder = context();
    const dataKey = KeyBytes.random();
    const { wrapped } = await strategy.open(key).wrap(wrappedUnder, dataKey);
    return { dataKey, unwrap: (lastKnown?: KeyHealth) => strategy.open(key, lastKnown).unwrap(wrappedUnder, wrapped) };
  };

  test('wraps by one Encrypt and unwraps by one Decrypt, with the request ids of each', async () => {
    const { dataKey, unwrap } = await aWrapped();
    const calls = await world.seen(async () => {
      const unwrapped = await unwrap();
      expect(unwrapped.dataKey.expose()).toEqual(dataKey.expose());
      expect(unwrapped.calls).toMatchObject([
        { operation: 'AssumeRole' },
        { service: 'kms', operation: 'Decrypt', region: MAIN, outcome: 'ok' },
      ]);
    });
    const again = await world.seen(async () => {
      const { calls: told } = await unwrap();
      expect(told).toHaveLength(1);
    });
    expect(kmsRegions(calls)).toEqual([MAIN]);
    expect(again).toMatchObject([{ operation: 'Decrypt', outcome: 'ok' }]);
  });

  test('tells of a refusal what it is, where, and what to do, and asks no other Region', async () => {
    const { unwrap } = await aWrapped();
    await customer.disableKey(MAIN);
    try {
      const calls = await world.seen(() =>
        expect(unwrap()).rejects.toMatchObject({
          code: 'refused',
          facts: {
            cause: 'key_disabled',
            region: MAIN,
            awsError: 'DisabledException',
            awsRequestId: expect.any(String),
            remedy: expect.stringContaining(MAIN),
            calls: [{ operation: 'Decrypt', outcome: 'refused', awsError: 'DisabledException' }],
          },
        }),
      );
      expect(kmsRegions(calls)).toEqual([MAIN]);
    } finally {
      await customer.enableKey(MAIN);
    }
  });

  test('uses the replica while the main Region is silent, and never while the owner’s last word there was no', async () => {
    const { unwrap } = await aWrapped();
    await world.sandbox.control.fault({ region: MAIN, service: 'kms', fault: { kind: 'black-hole' } });
    expect((await unwrap('healthy')).calls.at(-1)).toMatchObject({ region: REPLICA, outcome: 'ok' });
    for (const lastKnown of ['refused', 'pending_deletion'] as const) {
      const calls = await world.seen(() => expect(unwrap(lastKnown)).rejects.toMatchObject({ code: 'unreachable' }));
      expect(kmsRegions(calls)).toEqual([MAIN]);
    }
  });

  test.each(['wrong-key-id', 'wrong-plaintext'] as const)('gives one error for an answer with %s, without a hint', async (kind) => {
    const { unwrap } = await aWrapped();
    await world.sandbox.control.fault({ service: 'kms', operation: 'Decrypt', fault: { kind } });
    const error: unknown = await unwrap().catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: 'not_intact', facts: { cause: 'sealed data is not intact' } });
    expect(Object.keys((error as { facts: object }).facts)).toEqual(['cause', 'calls']);
  });

  test('does not ask KMS about wrapped bytes of another size', async () => {
    const calls = await world.seen(() =>
      expect(strategy.open(key).unwrap(context(), Buffer.alloc(511))).rejects.toMatchObject({ code: 'not_intact' }),
    );
    expect(calls).toEqual([]);
  });

  test('neither wraps nor unwraps under a key that was never proved', async () => {
    const unproved = strategy.open({ ...key, config: customer.target });
    await expect(unproved.wrap(context(), KeyBytes.random())).rejects.toMatchObject({ code: 'bad_config' });
    await expect(unproved.unwrap(context(), Buffer.alloc(512))).rejects.toMatchObject({ code: 'bad_config' });
    expect(strategy.exportRecipient({ ...key, config: customer.target })).toBeUndefined();
  });

  test('names the customer’s key the same in every workspace and Region', () => {
    expect(strategy.keyIdentity(key.config)).toBe(`${customer.accountId}/${customer.keyId}`);
  });

  test('exports to the pinned public key, under the ARN of the main Region', () => {
    const recipient = strategy.exportRecipient(key);
    expect(recipient?.keyId).toBe(customer.keyArns.main);
    const spki = recipient?.publicKeySpki ?? Buffer.alloc(0);
    expect(createPublicKey({ key: spki, format: 'der', type: 'spki' }).asymmetricKeyDetails).toMatchObject({ modulusLength: 4096 });
  });

  test('shows people what they typed, what was derived and what was pinned', () => {
    const { accountId, keyId, roleArn, keyArns } = customer;
    const { fingerprint } = key.config as { fingerprint: string };
    expect(strategy.describe(key)).toEqual({ awsKms: { accountId, keyId, roleArn, keyArns, publicKeyFingerprint: fingerprint } });
    expect(strategy.describe({ ...key, config: customer.target }).awsKms?.publicKeyFingerprint).toBeNull();
  });
});
