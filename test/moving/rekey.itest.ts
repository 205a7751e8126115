import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { trustPolicy } from '#aws';
import { eventually } from '../harness/eventually.js';
import { aDefaultVault, aManagedVault } from '../harness/vault.js';
import { type MovingWorld, aMovingWorld, kmsCallsOf } from './moving-world.js';

jest.setTimeout(120_000);

const MAIN = 'us-east-2';
const REPLICA = 'us-west-2';

describe('a vault that moves to another key', () => {
  let world: MovingWorld;

  beforeAll(async () => {
    world = await aMovingWorld();
    await world.keyhold.aWorker();
  }, 120_000);
  afterAll(() => world.keyhold.stop());

  const aFilledVault = async (items = 12) => {
    const made = await world.aVault({ itemsPerDataKey: 2 });
    const sealed = await world.fill(made.vaultId, items, 2);
    await world.acme.call('PATCH', `/vaults/${made.vaultId}`, { dataKeyCacheSeconds: 0 }); // each read asks the key that holds it
    return { ...made, sealed };
  };

  test('has every data key under the new one, touches no item, and asks KMS exactly as often as the dry run said', async () => {
    const { vaultId, customer, sealed } = await aFilledVault();
    const next = await world.aKey();
    const versions = () =>
      world.keyhold.database.asAdmin('SELECT * FROM item_versions WHERE vault_id = $1 ORDER BY item_id, version', [vaultId]);
    const before = await versions();
    const dataKeys = Object.values(await world.dataKeysOf(vaultId))[0] ?? 0;
    const dry = await world.rekeyTo(vaultId, next, { dryRun: true });
    const kmsCalls = { source: { decrypt: dataKeys }, target: { encrypt: dataKeys, decrypt: dataKeys } };
    expect(dry.body).toMatchObject({ job: null, plan: { dataKeys, kmsCalls, report: { ok: true } } });
    expect(Object.keys(await world.dataKeysOf(vaultId))).toEqual([await world.activeKeyOf(vaultId)]);
    const order = await world.rekeyTo(vaultId, next);
    expect(order).toMatchObject({
      status: 200,
      body: { plan: { dataKeys, kmsCalls }, job: { kind: 'vault.rekey', progress: { total: dataKeys } } },
    });
    const job = await world.rest(order);
    expect(job).toMatchObject({
      state: 'completed',
      progress: { total: dataKeys, done: dataKeys, failed: 0 },
      result: { dataKeys, failures: [] },
    });
    expect(await world.dataKeysOf(vaultId)).toEqual({ [await world.activeKeyOf(vaultId)]: dataKeys });
    expect(await versions()).toEqual(before);
    const types = await world.eventTypes(job.id);
    expect([types[0], types.at(-2), types.at(-1)]).toEqual(['vault.rewrap.started', 'vault.rewrap.completed', 'job.completed']);
    await customer.disableKey(MAIN);
    await customer.disableKey(REPLICA);
    expect(await world.broken(sealed)).toEqual([]); // with the old key gone
  });

  test('asks KMS no more than it said', async () => {
    const { vaultId, customer } = await aFilledVault(8);
    const next = await world.aKey();
    const { plan } = (await world.rekeyTo(vaultId, next, { dryRun: true })).body;
    const counted = await world.keyhold.sandbox.control.callsDuring(async () => world.rest(await world.rekeyTo(vaultId, next)));
    const probed = kmsCallsOf(
      (await world.keyhold.sandbox.control.callsDuring(() => world.rekeyTo(vaultId, next, { dryRun: true }))).calls,
      next,
    );
    expect(counted.result.state).toBe('completed');
    const asked = kmsCallsOf(counted.calls, next);
    expect(kmsCallsOf(counted.calls, customer)).toEqual({ Decrypt: plan.kmsCalls.source.decrypt });
    expect({
      encrypt: (asked['Encrypt'] ?? 0) - (probed['Encrypt'] ?? 0),
      decrypt: (asked['Decrypt'] ?? 0) - (probed['Decrypt'] ?? 0),
    }).toEqual(plan.kmsCalls.target);
  });

  test('seals what is new under the new key from the start, also on nodes that have a data key at hand', async () => {
    const { vaultId } = await aFilledVault(1);
    const node = await world.keyhold.anotherNode();
    const there = (path: string, body: object) =>
      fetch(`${node.url}/v1/workspaces/${world.acme.id}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${world.acme.token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    await there('/items', { kind: 'secret', name: 'n', vaultId, payload: {} });
    await world.rest(await world.rekeyTo(vaultId, await world.aKey()));
    await there('/items', { kind: 'secret', name: 'n', vaultId, payload: {} });
    expect(Object.keys(await world.dataKeysOf(vaultId))).toEqual([await world.activeKeyOf(vaultId)]);
  });

  test('stays where it is when the new key does not pass its checks, or is somebody else’s', async () => {
    const { vaultId } = await aFilledVault(1);
    const before = await world.activeKeyOf(vaultId);
    const broken = await world.aKey();
    await broken.disableKey(REPLICA);
    expect(await world.rekeyTo(vaultId, broken)).toMatchObject({ status: 422, body: { code: 'vault_key_rejected' } });
    const rival = await world.keyhold.aWorkspace('Rival');
    const taken = await world.aKey();
    await taken.putTrustPolicy(trustOf(rival.id));
    const { status } = await rival.call('POST', '/vaults', { name: 'Theirs', strategy: 'aws-kms', awsKms: taken.target });
    expect(status).toBe(201);
    await taken.putTrustPolicy(trustOf(world.acme.id));
    const { checks } = (await world.rekeyTo(vaultId, taken)).body as { checks: { cause?: string }[] };
    expect(checks.at(-1)).toMatchObject({ cause: 'key_not_available' });
    expect(await world.activeKeyOf(vaultId)).toBe(before);
  });

  test('moves one way at a time', async () => {
    const { vaultId } = await aFilledVault(1);
    const next = await world.aKey();
    const orders = await Promise.all([world.rekeyTo(vaultId, next), world.rekeyTo(vaultId, await world.aKey())]);
    expect(orders.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(orders.find(({ status }) => status === 409)?.body.code).toBe('vault_moving');
    for (const order of orders) if (order.status === 200) await world.rest(order);
  });

  test('goes on with nothing when it is asked again for the key that it has', async () => {
    const { vaultId } = await aFilledVault(2);
    const next = await world.aKey();
    await world.rest(await world.rekeyTo(vaultId, next));
    const active = await world.activeKeyOf(vaultId);
    const again = await world.rekeyTo(vaultId, next);
    expect(again.body.plan).toMatchObject({ dataKeys: 0, kmsCalls: { source: { decrypt: 0 }, target: { encrypt: 0, decrypt: 0 } } });
    expect(await world.rest(again)).toMatchObject({ state: 'completed', progress: { total: 0, done: 0 } });
    expect(await world.activeKeyOf(vaultId)).toBe(active);
  });

  test.each(['old', 'new'] as const)(
    'pauses with the cause when the %s key is disabled in the middle, has every item readable by the key that holds it, and goes on when resumed',
    async (which) => {
      const { vaultId, customer, sealed } = await aFilledVault(40);
      const next = await world.aKey();
      const victim = which === 'old' ? customer : next;
      const hurry = await world.slowDown(customer);
      const order = await world.rekeyTo(vaultId, next);
      const { id } = order.body.job as { id: string };
      await world.until(id, ({ progress }) => progress.done > 0);
      await victim.disableKey(MAIN);
      await victim.disableKey(REPLICA);
      await hurry();
      const paused = await world.rest(order);
      expect(paused).toMatchObject({ state: 'paused', cause: `${which}_key_refused`, result: { awsError: 'DisabledException' } });
      const { done } = paused.progress;
      const [active, held] = [await world.activeKeyOf(vaultId), await world.dataKeysOf(vaultId)];
      expect(held[active]).toBe(done);
      const heldByOther = await itemsUnder(vaultId, which === 'old' ? active : undefined);
      expect(await world.broken(sealed.filter(({ itemId }) => heldByOther.has(itemId)))).toEqual([]);
      await victim.enableKey(MAIN);
      await victim.enableKey(REPLICA);
      expect((await world.acme.call('POST', `/vaults/${vaultId}/verify`)).body).toMatchObject({ ok: true, health: 'healthy' });
      await world.acme.call('POST', `/jobs/${id}/resume`);
      const { total } = paused.progress;
      expect(await world.rest(order)).toMatchObject({ state: 'completed', cause: null, progress: { total, done: total, failed: 0 } });
      expect(await world.broken(sealed)).toEqual([]);
    },
  );

  test('has its new key watched from the start, and the old one for as long as a data key stands under it', async () => {
    const { vaultId } = await aFilledVault(12);
    const old = await world.activeKeyOf(vaultId);
    const watched = async () =>
      (await world.keyhold.database.asAdmin<{ key: string }>('SELECT vault_key_id AS key FROM vault_probes WHERE vault_id = $1', [vaultId]))
        .map(({ key }) => key)
        .sort();
    const dataKeys = Object.values(await world.dataKeysOf(vaultId))[0] ?? 0;
    const next = await world.aKey();
    const hurry = await world.slowDown(next);
    const order = await world.rekeyTo(vaultId, next);
    const active = await world.activeKeyOf(vaultId);
    expect(dataKeys).toBeGreaterThan(1);
    expect(await watched()).toEqual([old, active].sort());
    expect((await world.acme.call('GET', `/vaults/${vaultId}/health`)).body).toMatchObject({
      health: 'healthy',
      regions: [{ region: MAIN }, { region: REPLICA }],
    });
    await hurry();
    await world.rest(order);
    expect(await watched()).toEqual([active]);
    await world.rest(await world.acme.call('POST', `/vaults/${vaultId}/rekey/undo`));
    expect(await watched()).toEqual([old]);
  });

  test('serves at once when it goes back to a key that was refused when it was last asked', async () => {
    const { vaultId, sealed } = await aFilledVault(4);
    const old = await world.activeKeyOf(vaultId);
    await world.rest(await world.rekeyTo(vaultId, await world.aKey()));
    await world.keyhold.database.asAdmin(
      `UPDATE vault_keys SET key_health = 'refused', health_cause = 'key_disabled' WHERE vault_key_id = $1`,
      [old],
    );
    expect(await world.rest(await world.acme.call('POST', `/vaults/${vaultId}/rekey/undo`))).toMatchObject({ state: 'completed' });
    expect(await world.broken(sealed)).toEqual([]);
  });

  test('leaves a key of the service’s making for good once its window is over: AWS is told in both Regions to delete it', async () => {
    const vaultId = await aManagedVault(world.acme, { name: 'Managed first' });
    const sealed = await world.fill(vaultId, 2);
    await world.rest(await world.rekeyTo(vaultId, await world.aKey()));
    const { asAdmin } = world.keyhold.database;
    await asAdmin(`UPDATE vault_keys SET undo_until = undo_until - interval '24 hours' WHERE vault_id = $1`, [vaultId]);
    await asAdmin(`SELECT graphile_worker.add_job('finalise-rekeys')`);
    const isEnding = () => asAdmin(`SELECT FROM managed_keys WHERE vault_id = $1 AND state = 'ending'`, [vaultId]);
    await eventually(isEnding, (rows) => rows.length === 1);
    await asAdmin(`SELECT graphile_worker.add_job('settle-managed-keys')`);
    const told = async () =>
      (await world.acme.call('GET', `/audit-events?vaultId=${vaultId}&type=vault.key.deletion_scheduled`)).body.data as {
        calls: { operation: string; region: string; outcome: string }[];
      }[];
    const [event] = await eventually(told, (events) => events.length === 1);
    const scheduled = event?.calls.filter(({ operation, outcome }) => operation === 'ScheduleKeyDeletion' && outcome === 'ok');
    expect(scheduled?.map(({ region }) => region).sort()).toEqual([MAIN, REPLICA]);
    expect((await world.acme.call('GET', '/deleted-vaults')).body.data).toEqual([]); // the vault is there
    expect(await world.broken(sealed)).toEqual([]);
  });

  test('keeps a key of the service’s making for as long as a data key stands under it', async () => {
    const vaultId = await aManagedVault(world.acme, { itemsPerDataKey: 1 });
    const sealed = await world.fill(vaultId, 2);
    const { asAdmin } = world.keyhold.database;
    const spoil = `UPDATE data_keys SET mac = set_bit(mac, 0, 1 - get_bit(mac, 0)) WHERE data_key_id = (
      SELECT min(data_key_id::text)::uuid FROM data_keys WHERE vault_id = $1)`;
    await asAdmin(spoil, [vaultId]);
    expect(await world.rest(await world.rekeyTo(vaultId, await world.aKey()))).toMatchObject({ state: 'failed', cause: 'data_keys_left' });
    await asAdmin(`UPDATE vault_keys SET undo_until = undo_until - interval '24 hours' WHERE vault_id = $1`, [vaultId]);
    await asAdmin(`SELECT graphile_worker.add_job('finalise-rekeys')`);
    const isOver = () => asAdmin(`SELECT FROM audit_events WHERE vault_id = $1 AND type = 'vault.rewrap.finalised'`, [vaultId]);
    await eventually(isOver, (events) => events.length > 0);
    expect(await asAdmin('SELECT FROM managed_keys WHERE vault_id = $1', [vaultId])).toEqual([]);
    await asAdmin(spoil, [vaultId]);
    expect(await world.broken(sealed)).toEqual([]);
  });

  test('goes back with the wraps that were kept, without the key that it gives up', async () => {
    const { vaultId, sealed } = await aFilledVault(6);
    const first = await world.activeKeyOf(vaultId);
    const next = await world.aKey();
    await world.rest(await world.rekeyTo(vaultId, next));
    await next.disableKey(MAIN);
    await next.disableKey(REPLICA);
    const dry = await world.acme.call('POST', `/vaults/${vaultId}/rekey/undo`, { dryRun: true });
    expect(dry.body.plan.kmsCalls).toEqual({ source: { decrypt: 0 }, target: { encrypt: 0, decrypt: dry.body.plan.dataKeys } });
    const undone = await world.acme.call('POST', `/vaults/${vaultId}/rekey/undo`);
    const job = await world.rest(undone);
    expect(job).toMatchObject({ state: 'completed', progress: { done: dry.body.plan.dataKeys, failed: 0 } });
    expect(await world.activeKeyOf(vaultId)).toBe(first);
    expect(Object.keys(await world.dataKeysOf(vaultId))).toEqual([first]);
    expect(await world.broken(sealed)).toEqual([]);
    expect(await world.eventTypes(job.id)).toContain('vault.rewrap.undone');
  });

  test('puts what came since under the old key too when it goes back', async () => {
    const { vaultId, sealed } = await aFilledVault(2);
    await world.rest(await world.rekeyTo(vaultId, await world.aKey()));
    const since = await world.fill(vaultId, 3);
    const undone = await world.acme.call('POST', `/vaults/${vaultId}/rekey/undo`);
    expect(await world.rest(undone)).toMatchObject({ state: 'completed' });
    expect(Object.keys(await world.dataKeysOf(vaultId))).toEqual([await world.activeKeyOf(vaultId)]);
    expect(await world.broken([...sealed, ...since])).toEqual([]);
  });

  test('cannot go back once its window is over, and keeps nothing of the key that it left', async () => {
    const { vaultId, sealed } = await aFilledVault(2);
    await world.rest(await world.rekeyTo(vaultId, await world.aKey()));
    const kept = () => world.keyhold.database.asAdmin('SELECT 1 FROM data_key_wraps WHERE vault_id = $1', [vaultId]);
    expect(await kept()).not.toEqual([]);
    await world.keyhold.database.asAdmin(`UPDATE vault_keys SET undo_until = undo_until - interval '24 hours' WHERE vault_id = $1`, [
      vaultId,
    ]);
    const refused = await world.acme.call('POST', `/vaults/${vaultId}/rekey/undo`);
    expect(refused).toMatchObject({ status: 409, body: { code: 'nothing_to_undo' } });
    await world.keyhold.database.asAdmin(`SELECT graphile_worker.add_job('finalise-rekeys')`);
    await eventually(kept, (rows) => rows.length === 0);
    expect(await world.broken(sealed)).toEqual([]);
  });

  test('tells which data keys it could not move, and leaves them as they are', async () => {
    const { vaultId, sealed } = await aFilledVault(4);
    const [spoilt] = await world.keyhold.database.asAdmin<{ id: string }>(
      `UPDATE data_keys SET mac = set_bit(mac, 0, 1 - get_bit(mac, 0)) WHERE (workspace_id, data_key_id) IN (
         SELECT workspace_id, data_key_id FROM data_keys WHERE vault_id = $1 LIMIT 1) RETURNING data_key_id AS id`,
      [vaultId],
    );
    const job = await world.rest(await world.rekeyTo(vaultId, await world.aKey()));
    expect(job).toMatchObject({
      state: 'failed',
      cause: 'data_keys_left',
      result: { failures: [{ id: spoilt?.id, cause: 'not_intact' }] },
    });
    expect(job.progress).toMatchObject({ failed: 1, done: (job.progress.total ?? 0) - 1 });
    await world.keyhold.database.asAdmin(`UPDATE data_keys SET mac = set_bit(mac, 0, 1 - get_bit(mac, 0)) WHERE data_key_id = $1`, [
      spoilt?.id,
    ]);
    expect(await world.broken(sealed)).toEqual([]); // by the old key, which was left alone
    expect(await world.eventTypes(job.id)).toContain('vault.rewrap.failed');
  });

  test('can be deleted when nothing is in it, with what was kept for the way back', async () => {
    const { vaultId } = await aFilledVault(0);
    const { itemId } = (await world.fill(vaultId, 1))[0] ?? { itemId: '' };
    await world.rest(await world.rekeyTo(vaultId, await world.aKey()));
    await world.acme.call('DELETE', `/items/${itemId}`);
    expect((await world.acme.call('DELETE', `/vaults/${vaultId}`)).status).toBeLessThan(300);
  });

  test('is not given a key that the service would have to make: that is for a vault of its own', async () => {
    const { vaultId } = await aFilledVault(0);
    const refused = await world.acme.call('POST', `/vaults/${vaultId}/rekey`, { strategy: 'managed' });
    expect(refused).toMatchObject({ status: 422, body: { code: 'vault_key_rejected', checks: [{ cause: 'strategy_not_for_rekey' }] } });
  });

  test('goes from the service’s root key to one of a customer and back', async () => {
    const vaultId = await aDefaultVault(world.acme, { name: 'From root', itemsPerDataKey: 2 });
    const sealed = await world.fill(vaultId, 6);
    expect(await world.rest(await world.rekeyTo(vaultId, await world.aKey()))).toMatchObject({ state: 'completed' });
    expect((await world.acme.call('GET', `/vaults/${vaultId}`)).body).toMatchObject({ strategy: 'aws-kms', awsKms: {} });
    const back = await world.acme.call('POST', `/vaults/${vaultId}/rekey`, { strategy: 'default' });
    expect(await world.rest(back)).toMatchObject({ state: 'completed' });
    expect(await world.broken(sealed)).toEqual([]);
  });

  /** Items all of whose data keys stand under that vault key; under any but the active one when none is named. */
  async function itemsUnder(vaultId: string, vaultKeyId: string | undefined): Promise<Set<string>> {
    const rows = await world.keyhold.database.asAdmin<{ id: string }>(
      `SELECT s.item_id AS id FROM item_versions s JOIN data_keys d USING (workspace_id, vault_id, data_key_id) JOIN vaults v USING (workspace_id, vault_id)
       WHERE s.vault_id = $1 GROUP BY 1 HAVING bool_and(CASE WHEN $2::uuid IS NULL THEN d.vault_key_id <> v.active_vault_key_id ELSE d.vault_key_id = $2 END)`,
      [vaultId, vaultKeyId],
    );
    return new Set(rows.map(({ id }) => id));
  }

  const trustOf = (externalId: string): object => trustPolicy({ externalId, principalArn: world.keyhold.platform.principalArn });
});
