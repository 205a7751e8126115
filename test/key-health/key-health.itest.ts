import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { trustPolicy } from '#aws';
import { purgeExpired } from '#database';
import { type Customer, REGIONS } from '../harness/customer.js';
import { anItem } from '../harness/item.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';
import { anAwsKmsVault } from '../harness/vault.js';
import { healthOf, letExternalIdBeDue, nextProbe } from '../harness/vault-health.js';

jest.setTimeout(120_000);

const { main, replica } = REGIONS;
const DAY_MS = 86_400_000;

describe('the health of a vault key, as workers find it', () => {
  let keyhold: Keyhold;
  let acme: Workspace;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    acme = await keyhold.aWorkspace('Acme');
    await Promise.all([keyhold.aWorker(), keyhold.aWorker()]);
  });
  afterEach(() => keyhold.sandbox.control.clearFaults());
  afterAll(() => keyhold.stop());

  const aVault = (name: string, order = {}) => anAwsKmsVault(keyhold, acme, { name, ...order });
  const probed = (vaultId: string) => nextProbe(keyhold, acme, vaultId);
  const eventsOf = async (vaultId: string, type: string) =>
    keyhold.database.asAdmin<{ details: Record<string, unknown>; principal_name: string; calls: unknown[] | null }>(
      `SELECT details, principal_name, calls FROM audit_events WHERE vault_id = $1 AND type = $2 ORDER BY at`,
      [vaultId, type],
    );
  const itemIn = (vaultId: string) => anItem(acme, { secret: 'x' }, { vaultId });
  const unseal = (itemId: string) => acme.call('POST', `/items/${itemId}/unseal`);
  const keyFault = ({ keyId }: Customer, region: string | undefined, kind: 'reset' | 'throttle' | 'black-hole') =>
    keyhold.sandbox.control.fault({ keyId, service: 'kms', ...(region && { region }), fault: { kind } });

  test('is told from registration on, with both Regions and the proof of the external ID', async () => {
    const { vaultId } = await aVault('Fresh');
    const told = await healthOf(acme, vaultId);
    expect(told).toMatchObject({ health: 'healthy', cause: null, deletionDate: null, daysLeft: null });
    expect(told.regions).toEqual(
      [main, replica].map((region) => expect.objectContaining({ region, health: 'healthy', lastGoodAt: expect.any(String) })),
    );
    expect(Date.now() - Date.parse(told.externalIdProvenAt ?? '')).toBeLessThan(60_000);
    expect((await acme.call('GET', `/vaults/${acme.defaultVaultId}/health`)).body).toMatchObject({
      health: 'healthy',
      regions: [],
      checkedAt: null,
    });
  });

  test('turns to refused without any traffic when the key is disabled in one Region, and back when it is enabled', async () => {
    const { vaultId, customer } = await aVault('Disabled');
    const itemId = await itemIn(vaultId);
    await customer.disableKey(replica);
    const refused = await probed(vaultId);
    expect(refused).toMatchObject({ health: 'refused', cause: 'key_disabled', region: replica, awsRequestId: expect.any(String) });
    expect(refused.regions).toEqual([
      expect.objectContaining({ region: main, health: 'healthy', cause: null }),
      expect.objectContaining({ region: replica, health: 'refused', cause: 'key_disabled' }),
    ]);
    expect(await unseal(itemId)).toMatchObject({ status: 409, body: { code: 'vault_key_refused' } });

    await customer.enableKey(replica);
    expect(await probed(vaultId)).toMatchObject({ health: 'healthy', cause: null, region: null });
    expect((await unseal(itemId)).status).toBe(200);

    const { body } = await acme.call('GET', `/vaults/${vaultId}/health/history`);
    const history = body.data as Record<string, unknown>[];
    expect(history.map(({ region, before, health, cause }) => [region, before, health, cause])).toEqual([
      [replica, 'refused', 'healthy', null],
      [null, 'refused', 'healthy', null],
      [replica, 'healthy', 'refused', 'key_disabled'],
      [null, 'healthy', 'refused', 'key_disabled'],
    ]);
    const events = await eventsOf(vaultId, 'vault.key.health_changed');
    expect(events.map(({ details }) => [details['before'], details['after']])).toEqual([
      ['healthy', 'refused'],
      ['refused', 'healthy'],
    ]);
    expect(events[0]).toMatchObject({
      principal_name: 'key health',
      details: { region: replica, regions: [{ region: replica, after: 'refused' }] },
    });
    expect(events[0]?.calls).not.toBeNull();
  });

  test.each(['reset', 'throttle', 'black-hole'] as const)(
    'is degraded by %s in one Region and unreachable by it in both; never refused',
    async (kind) => {
      const { vaultId, customer } = await aVault(`Silent ${kind}`);
      const itemId = await itemIn(vaultId);
      const lift = await keyFault(customer, main, kind);
      expect(await probed(vaultId)).toMatchObject({ health: 'degraded', region: main });
      expect((await unseal(itemId)).status).toBe(200);
      await keyFault(customer, replica, kind);
      const unreachable = await probed(vaultId);
      expect(unreachable).toMatchObject({ health: 'unreachable' });
      expect(unreachable.regions.map(({ health }) => health)).toEqual(['unreachable', 'unreachable']);
      await lift();
      await keyhold.sandbox.control.clearFaults();
      expect(await probed(vaultId)).toMatchObject({ health: 'healthy' });
      expect(JSON.stringify(await eventsOf(vaultId, 'vault.key.health_changed'))).not.toContain('refused');
    },
  );

  test('stays refused while a Region keeps silent, and in that Region too', async () => {
    const { vaultId, customer } = await aVault('Sticky');
    await customer.disableKey(main);
    await probed(vaultId);
    await customer.enableKey(main);
    await keyFault(customer, main, 'reset');
    const silent = await probed(vaultId);
    expect(silent).toMatchObject({ health: 'refused', cause: 'key_disabled', region: main });
    expect(silent.regions[0]).toMatchObject({ region: main, health: 'refused', cause: 'key_disabled' });
    await keyhold.sandbox.control.clearFaults();
    expect(await probed(vaultId)).toMatchObject({ health: 'healthy' });
  });

  test('counts down to a deletion, tells of it once a day, and comes back when it is cancelled and the key enabled', async () => {
    const { vaultId, customer } = await aVault('Doomed');
    await customer.scheduleKeyDeletion(replica);
    const doomed = await probed(vaultId);
    expect(doomed).toMatchObject({ health: 'pending_deletion', cause: 'key_pending_deletion', region: replica, daysLeft: 7 });
    expect(Math.abs(Date.parse(doomed.deletionDate ?? '') - Date.now() - 7 * DAY_MS)).toBeLessThan(DAY_MS / 24);
    await probed(vaultId);
    const told = () => eventsOf(vaultId, 'vault.key.pending_deletion_detected');
    expect((await told()).map(({ details }) => details)).toEqual([
      expect.objectContaining({ daysLeft: 7, deletionDate: doomed.deletionDate, regions: [expect.objectContaining({ region: replica })] }),
    ]);
    await keyhold.database.asAdmin(`UPDATE vault_probes SET deletion_told_at = now() - interval '25 hours' WHERE vault_id = $1`, [vaultId]);
    await probed(vaultId);
    expect(await told()).toHaveLength(2);
    await customer.cancelKeyDeletion(replica);
    expect(await probed(vaultId)).toMatchObject({ health: 'refused', cause: 'key_disabled', deletionDate: null, daysLeft: null });
    await customer.enableKey(replica);
    expect(await probed(vaultId)).toMatchObject({ health: 'healthy' });
  });

  test('knows no date of a main key that waits for its replica to go', async () => {
    const { vaultId, customer } = await aVault('Doomed main');
    await customer.scheduleKeyDeletion(main);
    const waiting = await probed(vaultId);
    expect(waiting).toMatchObject({ health: 'pending_deletion', region: main, deletionDate: null, daysLeft: null });
    expect(waiting.regions[1]).toMatchObject({ region: replica, health: 'healthy' });
  });

  test('includes once a day that the role refuses everybody else, and nothing else takes such a refusal back', async () => {
    const { vaultId, customer } = await aVault('Open');
    const { principalArn } = keyhold.platform;
    await letExternalIdBeDue(keyhold, vaultId);
    await probed(vaultId);
    expect(await eventsOf(vaultId, 'vault.external_id_check_passed')).toHaveLength(1);
    const proven = (await healthOf(acme, vaultId)).externalIdProvenAt;

    const open = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: principalArn } }] };
    await customer.putTrustPolicy(open);
    expect(await probed(vaultId)).toMatchObject({ health: 'healthy' }); // not asked that day any more
    await letExternalIdBeDue(keyhold, vaultId);
    expect(await probed(vaultId)).toMatchObject({ health: 'refused', cause: 'external_id_not_required', externalIdProvenAt: proven });
    expect(await eventsOf(vaultId, 'vault.external_id_check_failed')).toMatchObject([{ details: { cause: 'external_id_not_required' } }]);
    expect(await probed(vaultId)).toMatchObject({ health: 'refused', cause: 'external_id_not_required' });
    expect(await eventsOf(vaultId, 'vault.external_id_check_failed')).toHaveLength(1);

    await customer.putTrustPolicy(trustPolicy({ externalId: acme.id, principalArn }));
    const healthy = await probed(vaultId);
    expect(healthy).toMatchObject({ health: 'healthy' });
    expect(healthy.externalIdProvenAt).not.toBe(proven);
  });

  test('is asked without the four attempts that must fail, but on that one probe a day', async () => {
    const { vaultId } = await aVault('Quiet');
    const refusedBy = async () => {
      const { calls } = await keyhold.sandbox.control.callsDuring(() => probed(vaultId));
      return calls.filter(({ operation, outcome }) => operation === 'AssumeRole' && outcome !== 'ok').length;
    };
    expect(await refusedBy()).toBe(0);
    await letExternalIdBeDue(keyhold, vaultId);
    expect(await refusedBy()).toBe(4);
  });

  test('is on record at once, Region included, when real traffic meets a refusal', async () => {
    const { vaultId, customer } = await aVault('Traffic', { dataKeyCacheSeconds: 0 });
    const itemId = await itemIn(vaultId);
    await customer.disableKey(main);
    expect((await unseal(itemId)).status).toBe(409);
    expect(await healthOf(acme, vaultId)).toMatchObject({ health: 'refused', cause: 'key_disabled', region: main });
    expect((await healthOf(acme, vaultId)).regions[0]).toMatchObject({ region: main, health: 'refused' });
  });

  test('is verified on demand into the same record', async () => {
    const { vaultId, customer } = await aVault('Verified');
    await customer.disableKey(main);
    await acme.call('POST', `/vaults/${vaultId}/verify`);
    expect(await healthOf(acme, vaultId)).toMatchObject({
      health: 'refused',
      cause: 'key_disabled',
      regions: [{ health: 'refused' }, { health: 'healthy' }],
    });
    await customer.enableKey(main);
    await acme.call('POST', `/vaults/${vaultId}/verify`);
    expect(await healthOf(acme, vaultId)).toMatchObject({ health: 'healthy', regions: [{ health: 'healthy' }, { health: 'healthy' }] });
  });

  test('is asked within about a minute once an idle vault is used', async () => {
    const { vaultId } = await aVault('Idle');
    const itemId = await itemIn(vaultId);
    await keyhold.database.asAdmin(
      `UPDATE vault_probes SET next_probe_at = now() + interval '5 minutes', last_used_at = NULL WHERE vault_id = $1`,
      [vaultId],
    );
    const other = await keyhold.anotherNode(); // which has noted no use a moment ago
    const { status } = await fetch(`${other.url}/v1/workspaces/${acme.id}/items/${itemId}/unseal`, {
      method: 'POST',
      headers: { authorization: `Bearer ${acme.token}` },
    });
    expect(status).toBe(200);
    await other.stop(); // writes what it has gathered
    const { nextCheckAt, lastUsedAt } = await healthOf(acme, vaultId);
    expect(Date.parse(nextCheckAt ?? '') - Date.now()).toBeLessThan(75_000);
    expect(Date.now() - Date.parse(lastUsedAt ?? '')).toBeLessThan(60_000);
  });

  test.each(['', '/history'])('of a foreign vault is answered as of none: …/health%s', async (path) => {
    const globex = await keyhold.aWorkspace('Globex');
    const answers = [globex.defaultVaultId, randomUUID(), 'none'].map((id) => acme.call('GET', `/vaults/${id}/health${path}`));
    const bodies = (await Promise.all(answers)).map(({ status, body }) => ({ ...(body as object), status, requestId: undefined }));
    expect(bodies[0]).toMatchObject({ status: 404, code: 'vault_not_found' });
    expect(bodies).toEqual([bodies[0], bodies[0], bodies[0]]);
  });

  test('has a history of 90 days, in pages; what is older goes', async () => {
    const { vaultId, customer } = await aVault('Long ago');
    await customer.disableKey(main);
    await acme.call('POST', `/vaults/${vaultId}/verify`);
    const history = async (query = '') =>
      (await acme.call('GET', `/vaults/${vaultId}/health/history${query}`)).body as { data: { id: string }[]; nextCursor: string };
    const { data } = await history();
    expect(data).toHaveLength(2);
    const { nextCursor } = await history('?limit=1');
    expect((await history(`?limit=1&cursor=${nextCursor}`)).data).toEqual([data[1]]);
    await keyhold.database.asAdmin(`UPDATE vault_health_history SET at = now() - interval '91 days' WHERE change_id = $1`, [data[1]?.id]);
    expect((await history()).data).toEqual([data[0]]);
    expect(await purgeExpired(keyhold.database.workerUrl)).toMatchObject({ vault_health_history: 1 });
    expect(await keyhold.database.asAdmin(`SELECT FROM vault_health_history WHERE vault_id = $1`, [vaultId])).toHaveLength(1);
  });
});
