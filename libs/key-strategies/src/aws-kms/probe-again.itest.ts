import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { TestClock } from '../../../aws/src/testing/test-clock.js';
import { pinned } from '../kms-keys/aws-kms-config.js';
import { AwsKmsStrategy } from './aws-kms-strategy.js';
import { aProbingWorld, failures, MAIN, type Probed, type ProbingWorld, REPLICA, trust } from './testing/probing-world.js';

jest.setTimeout(30_000); // a customer may have to wait for a new RSA key

let probing: ProbingWorld;
let acme: Probed;

beforeAll(async () => {
  probing = await aProbingWorld();
  acme = await probing.probed();
}, 60_000);
afterEach(() => probing.world.sandbox.control.clearFaults());
afterAll(() => probing.world.close());

const trustIn = (externalId: string) => trust(probing.world.platform.principalArn, { StringEquals: { 'sts:ExternalId': externalId } });

describe('what changes later', () => {
  test('another public key under the same id is an incident', async () => {
    const { target, probe } = acme;
    const foreign = generateKeyPairSync('rsa', { modulusLength: 4096 }).publicKey.export({ format: 'der', type: 'spki' });
    const report = await probe('healthy', pinned(target, foreign));
    expect(failures(report)).toEqual([MAIN, REPLICA].map((region) => `public_key public_key_changed ${region}`));
    expect(report).toMatchObject({ health: 'refused', config: pinned(target, foreign) });
  });

  test.each([
    [MAIN, REPLICA],
    [REPLICA, MAIN],
  ] as const)('a silent Region %s leaves the key degraded, proved by %s alone', async (silent, other) => {
    const { probe, report: before } = acme;
    await probing.world.sandbox.control.fault({ region: silent, service: 'kms', fault: { kind: 'reset' } });
    const report = await probe('healthy', before.config);
    expect(failures(report)).toEqual([`describe_key region_unreachable ${silent}`]);
    expect(report).toMatchObject({ ok: false, health: 'degraded' });
    expect(report.checks.slice(-2)).toMatchObject([
      { check: 'encrypt', ok: true, region: other },
      { check: 'decrypt', ok: true, region: other },
    ]);
  });

  test('silence takes no refusal back', async () => {
    const { probe, report: before } = acme;
    await probing.world.sandbox.control.fault({ region: MAIN, service: 'kms', fault: { kind: 'reset' } });
    expect((await probe('refused', before.config)).health).toBe('refused');
    expect((await probe('pending_deletion', before.config)).health).toBe('pending_deletion');
  });

  test('two silent Regions make it unreachable, not refused', async () => {
    const { probe, report: before } = acme;
    await probing.world.sandbox.control.fault({ service: 'kms', fault: { kind: 'throttle' } });
    expect(await probe('healthy', before.config)).toMatchObject({ ok: false, health: 'unreachable' });
  });

  test('a silent STS leaves what the kept session can prove', async () => {
    const { probe, report: before } = acme;
    await probing.world.sandbox.control.fault({ service: 'sts', fault: { kind: 'error', status: 503, code: 'ServiceUnavailable' } });
    const report = await probe('healthy', before.config);
    expect(report.health).toBe('degraded');
    expect(report.checks.filter(({ check, ok }) => check === 'decrypt' && ok)).toHaveLength(2);
  });

  test('an answer that is not about the key changes no state', async () => {
    const { probe, report: before } = acme;
    await probing.world.sandbox.control.fault({ service: 'kms', operation: 'Decrypt', fault: { kind: 'wrong-plaintext' } });
    const report = await probe('healthy', before.config);
    expect(failures(report)).toEqual([`decrypt round_trip_mismatch ${REPLICA}`, `decrypt round_trip_mismatch ${MAIN}`]);
    expect(report.health).toBe('healthy');
  });
});

describe('a probe that comes again and again', () => {
  test('leaves out the four attempts with a wrong external ID, and the whole one makes them', async () => {
    const { vaultKey, report: before } = acme;
    const wrapper = probing.strategy.open(vaultKey(before.config), 'healthy');
    const refusedCalls = async (withoutExternalId: boolean) => {
      const { calls, externalId, health } = await wrapper.probe({ withoutExternalId });
      expect(health).toBe('healthy');
      return [calls.filter(({ outcome }) => outcome === 'refused').length, externalId];
    };
    expect(await refusedCalls(true)).toEqual([0, undefined]);
    expect(await refusedCalls(false)).toEqual([4, 'enforced']);
  });

  test('tells of each Region what was found there', async () => {
    const { probe, report: before } = acme;
    await probing.world.sandbox.control.fault({ region: REPLICA, service: 'kms', fault: { kind: 'throttle' } });
    expect((await probe('healthy', before.config)).regions).toEqual([
      { region: MAIN, health: 'healthy' },
      { region: REPLICA, health: 'unreachable', decisive: expect.objectContaining({ cause: 'throttled' }) },
    ]);
  });

  test('tells when a replica is gone for good, and of its primary only that it waits', async () => {
    const { customer, probe } = await probing.probed();
    await customer.scheduleKeyDeletion(REPLICA);
    const { health, regions } = await probe('healthy');
    expect(health).toBe('pending_deletion');
    const date = regions?.find(({ region }) => region === REPLICA)?.deletionDate?.getTime() ?? 0;
    expect(Math.abs(date - Date.now() - 7 * 86_400_000)).toBeLessThan(3_600_000);
    await customer.scheduleKeyDeletion(MAIN);
    const main = (await probe('healthy')).regions?.find(({ region }) => region === MAIN);
    expect(main).toMatchObject({ health: 'pending_deletion' });
    expect(main).not.toHaveProperty('deletionDate');
  });
});

describe('settling', () => {
  /** Time that passes while the probe waits, and what happens meanwhile. */
  class EventfulClock extends TestClock {
    constructor(private readonly meanwhile: (sleeps: number) => Promise<void>) {
      super();
    }
    override async sleep(ms: number): Promise<void> {
      await super.sleep(ms);
      await this.meanwhile(this.sleeps.length);
    }
  }

  test('asks again while IAM may not have caught up, and is green when it has', async () => {
    const { customer, vaultKey } = acme;
    await customer.putTrustPolicy(trustIn('nobody'));
    const clock = new EventfulClock((sleeps) => (sleeps === 2 ? customer.putTrustPolicy(trustIn(acme.externalId)) : Promise.resolve()));
    const report = await new AwsKmsStrategy(probing.world.aws(), clock).open(vaultKey()).probe({ settleSeconds: 60 });
    expect(report.ok).toBe(true);
    expect(clock.sleeps).toEqual([1_000, 2_000]);
  });

  test('gives up when the time is over', async () => {
    const { vaultKey } = await probing.probed({ permissionPolicy: null });
    const clock = new TestClock();
    const report = await new AwsKmsStrategy(probing.world.aws(), clock).open(vaultKey()).probe({ settleSeconds: 10 });
    expect(report.ok).toBe(false);
    expect(clock.sleeps).toEqual([1_000, 2_000, 4_000]);
  });

  test('does not wait for what no waiting mends', async () => {
    const { vaultKey } = await probing.probed({ keySpec: 'RSA_2048' });
    const clock = new TestClock();
    await new AwsKmsStrategy(probing.world.aws(), clock).open(vaultKey()).probe({ settleSeconds: 60 });
    expect(clock.sleeps).toEqual([]);
  });
});
