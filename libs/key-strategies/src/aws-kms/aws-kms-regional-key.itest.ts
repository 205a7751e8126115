import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { KeyBytes } from '#envelope';
import type { RegionFinding, RegionalKey, VaultKey } from '../contract.js';
import { MAIN, type Probed, type ProbingWorld, REPLICA, aProbingWorld } from './testing/probing-world.js';

describe('a customer’s key in each of its Regions', () => {
  let world: ProbingWorld;
  beforeAll(async () => {
    world = await aProbingWorld();
  }, 60_000);
  afterEach(() => world.world.sandbox.control.clearFaults());
  afterAll(() => world.world.close());

  const keyOf = ({ vaultKey, report }: Probed): VaultKey => vaultKey(report.config);
  const regional = (probed: Probed): RegionalKey => world.strategy.inRegions(keyOf(probed));
  const told = async (probed: Probed): Promise<string[]> => (await regional(probed).describe()).map(asText);
  const asText = ({ region, says, cause }: RegionFinding): string => [region, says, cause].filter(Boolean).join(' ');
  const silence = (region: string) => world.world.sandbox.control.fault({ service: 'kms', region, fault: { kind: 'reset' } });

  test('is told to be usable where it is', async () => {
    expect(await told(await world.probed())).toEqual([`${MAIN} usable`, `${REPLICA} usable`]);
  });

  test('is told to be refused where its owner withdrew it, and usable where not', async () => {
    expect(await told(await world.probed({}, (customer) => customer.disableKey(REPLICA)))).toEqual([
      `${MAIN} usable`,
      `${REPLICA} refused key_disabled`,
    ]);
    const doomed = await told(await world.probed({}, (customer) => customer.scheduleKeyDeletion(MAIN)));
    expect(doomed[0]).toBe(`${MAIN} refused key_pending_deletion`);
    const without = await told(await world.probed({ permissionPolicy: null }));
    expect(without.map((text) => text.split(' ')[1])).toEqual(['refused', 'refused']);
  });

  test('is told to be silent where nobody answers, which is no refusal', async () => {
    const probed = await world.probed();
    await silence(MAIN);
    expect(await told(probed)).toEqual([`${MAIN} silent region_unreachable`, `${REPLICA} usable`]);
  });

  test('wraps and unwraps in the replica’s Region and asks no other, also when that one refuses', async () => {
    const probed = await world.probed();
    const key = keyOf(probed);
    const replica = world.strategy.inRegions(key).replicaAlone();
    const context = { workspaceId: key.workspaceId, vaultId: key.vaultId, vaultKeyId: key.vaultKeyId, dataKeyId: randomUUID() };
    await probed.customer.disableKey(MAIN);
    const dataKey = KeyBytes.random();
    const calls = await world.world.seen(async () => {
      const { wrapped } = await replica.wrap(context, dataKey);
      expect((await replica.unwrap(context, wrapped)).dataKey.expose()).toEqual(dataKey.expose());
    });
    expect(calls.filter(({ service }) => service === 'kms').map(({ region }) => region)).toEqual([REPLICA, REPLICA]);
    await silence(REPLICA);
    const unanswered = await world.world.seen(() => expect(replica.wrap(context, dataKey)).rejects.toMatchObject({ code: 'unreachable' }));
    expect(new Set(unanswered.map(({ region }) => region))).toEqual(new Set([REPLICA]));
  });
});
