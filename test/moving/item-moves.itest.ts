import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { aKey } from '../harness/api-key.js';
import { aBox } from '../harness/box.js';
import { aMember } from '../harness/principals.js';
import { aDefaultVault } from '../harness/vault.js';
import { type MovingWorld, type Sealed, aMovingWorld, kmsCallsOf } from './moving-world.js';

jest.setTimeout(120_000);

const MAIN = 'us-east-2';
const REPLICA = 'us-west-2';

describe('items that go to another vault', () => {
  let world: MovingWorld;

  beforeAll(async () => {
    world = await aMovingWorld();
    await world.keyhold.aWorker();
  }, 120_000);
  afterAll(() => world.keyhold.stop());

  const aFilledVault = async (items = 12, order: object = {}) => {
    const made = await world.aVault({ itemsPerDataKey: 4, ...order });
    return { ...made, sealed: await world.fill(made.vaultId, items, 2) };
  };
  const evacuate = (vaultId: string, targetVaultId: string, more: object = {}) =>
    world.acme.call('POST', `/vaults/${vaultId}/evacuate`, { targetVaultId, ...more });
  const move = (sourceVaultId: string, targetVaultId: string, more: object = {}) =>
    world.acme.call('POST', '/item-moves', { sourceVaultId, targetVaultId, ...more });
  const disable = async ({ customer }: { customer: { disableKey(region: string): Promise<void> } }) => {
    for (const region of [MAIN, REPLICA]) await customer.disableKey(region);
  };
  const enable = async ({ customer, vaultId }: { customer: { enableKey(region: string): Promise<void> }; vaultId: string }) => {
    for (const region of [MAIN, REPLICA]) await customer.enableKey(region);
    await world.acme.call('POST', `/vaults/${vaultId}/verify`);
  };

  test.each([
    ['keep data keys open', {}],
    ['ask their key each time', { dataKeyCacheSeconds: 0 }],
  ])('leave nothing behind, and ask KMS exactly as often as the dry run said, when both vaults %s', async (_what, order) => {
    const source = await aFilledVault(20, order);
    const target = await world.aVault({ itemsPerDataKey: 7, ...order });
    const { plan } = (await evacuate(source.vaultId, target.vaultId, { dryRun: true })).body;
    expect(plan).toMatchObject({ items: 20, versions: 40, kmsCalls: { target: { encrypt: 6 } } });
    const { result: job, calls } = await world.keyhold.sandbox.control.callsDuring(async () =>
      world.rest(await evacuate(source.vaultId, target.vaultId)),
    );
    expect(job).toMatchObject({
      state: 'completed',
      progress: { total: 20, done: 20, failed: 0 },
      result: { moved: 20, skipped: 0, failures: [] },
    });
    expect(kmsCallsOf(calls, source.customer)).toEqual({ Decrypt: plan.kmsCalls.source.decrypt });
    const { encrypt: Encrypt, decrypt: Decrypt } = plan.kmsCalls.target;
    expect(kmsCallsOf(calls, target.customer)).toEqual({ Encrypt, Decrypt });
    expect(await world.vaultsOf(source.sealed)).toEqual([target.vaultId]);
    await disable(source);
    expect(await world.broken(source.sealed)).toEqual([]);
  });

  test('out of a vault that takes nothing new from then on, and is the default vault no more', async () => {
    const source = await aFilledVault(4);
    await world.acme.call('POST', `/vaults/${source.vaultId}/default`);
    const targetId = await aDefaultVault(world.acme, { name: 'Refuge' });
    const order = await evacuate(source.vaultId, targetId);
    const sealing = (more: object) => world.acme.call('POST', '/items', { kind: 'secret', name: 'n', payload: {}, ...more });
    expect(await sealing({ vaultId: source.vaultId })).toMatchObject({ status: 409, body: { code: 'vault_disabled' } });
    expect((await sealing({})).body).toMatchObject({ vaultId: targetId });
    expect(await world.rest(order)).toMatchObject({ state: 'completed' });
    expect((await world.acme.call('GET', `/vaults/${source.vaultId}`)).body).toMatchObject({ status: 'disabled', isDefault: false });
    expect(await world.broken(source.sealed)).toEqual([]);
  });

  test('are those that the filter names and no others', async () => {
    const source = await aFilledVault(0);
    const targetId = await aDefaultVault(world.acme, { name: 'Filtered' });
    const boxId = await aBox(world.acme);
    const make = async (body: object) =>
      (await world.acme.call('POST', '/items', { name: 'n', vaultId: source.vaultId, payload: { p: 1 }, ...body })).body.id as string;
    const account = await make({ kind: 'account', boxId });
    const text = await make({ kind: 'secret', category: 'text', boxId });
    const elsewhere = await make({ kind: 'account' });
    const vaultOf = async (id: string) => (await world.acme.call('GET', `/items/${id}`)).body.vaultId as string;
    const where = async () => Promise.all([account, text, elsewhere].map(vaultOf));
    expect((await move(source.vaultId, targetId, { boxId, dryRun: true })).body.plan.items).toBe(2);
    await world.rest(await move(source.vaultId, targetId, { boxId, kind: 'account' }));
    expect(await where()).toEqual([targetId, source.vaultId, source.vaultId]);
    await world.rest(await move(source.vaultId, targetId, { itemIds: [elsewhere, account] }));
    expect(await where()).toEqual([targetId, source.vaultId, targetId]);
    const rest = await world.rest(await move(source.vaultId, targetId, { category: 'text' }));
    expect(rest).toMatchObject({ state: 'completed', progress: { total: 1, done: 1 } });
    expect(await world.rest(await move(source.vaultId, targetId))).toMatchObject({ state: 'completed', progress: { total: 0, done: 0 } });
  });

  test('include what lies in a deleted box when the vault is emptied, so that it can be restored', async () => {
    const source = await aFilledVault(0);
    const targetId = await aDefaultVault(world.acme, { name: 'Restored' });
    const boxId = await aBox(world.acme);
    const item = await world.acme.call('POST', '/items', { kind: 'secret', name: 'n', vaultId: source.vaultId, boxId, payload: { p: 1 } });
    await world.acme.call('DELETE', `/boxes/${boxId}`);
    expect((await move(source.vaultId, targetId, { dryRun: true })).body.plan.items).toBe(0);
    expect(await world.rest(await evacuate(source.vaultId, targetId))).toMatchObject({ progress: { done: 1 } });
    await world.acme.call('POST', `/boxes/${boxId}/restore`);
    const opened = await world.acme.call('POST', `/items/${item.body.id as string}/unseal`);
    expect(opened.body).toMatchObject({ vaultId: targetId, payload: { p: 1 } });
  });

  test('stay where they are, each readable by the key that holds it, when a key is disabled in the middle; and go on when resumed', async () => {
    for (const which of ['source', 'target'] as const) {
      const source = await world.aVault({ itemsPerDataKey: 4 });
      const sealed = await world.fill(source.vaultId, 70);
      const target = await world.aVault({ itemsPerDataKey: 5 });
      const victim = { source, target }[which];
      const hurry = await world.slowDown(source.customer);
      const order = await move(source.vaultId, target.vaultId);
      await world.until(order.body.job.id as string, ({ progress }) => progress.done > 0);
      await disable(victim);
      await hurry();
      await world.acme.call('PATCH', `/vaults/${target.vaultId}`, { dataKeyCacheSeconds: 0 }); // what is open would do for the rest
      const job = await world.rest(order);
      expect(job).toMatchObject({ state: 'paused', cause: `${which}_key_refused` });
      const held = await inVault(which === 'source' ? target.vaultId : source.vaultId, sealed);
      expect(held.length).toBeGreaterThan(0);
      expect(await world.broken(held)).toEqual([]);
      await enable(victim);
      await world.acme.call('POST', `/jobs/${job.id}/resume`);
      expect(await world.rest(order)).toMatchObject({ state: 'completed', progress: { total: 70, done: 70, failed: 0 } });
      expect(await world.vaultsOf(sealed)).toEqual([target.vaultId]);
      expect(await world.broken(sealed)).toEqual([]);
    }
  });

  test('are told of by name when they are not intact, and the rest goes', async () => {
    const source = await aFilledVault(6);
    const targetId = await aDefaultVault(world.acme, { name: 'Spoilt' });
    const spoilt = source.sealed[2]?.itemId ?? '';
    const flip = () =>
      world.keyhold.database.asAdmin(
        'UPDATE item_versions SET tag = set_bit(tag, 0, 1 - get_bit(tag, 0)) WHERE item_id = $1 AND version = 1',
        [spoilt],
      );
    await flip();
    const job = await world.rest(await evacuate(source.vaultId, targetId));
    expect(job).toMatchObject({ state: 'failed', cause: 'items_left', progress: { total: 6, done: 5, failed: 1 } });
    expect(job.result).toMatchObject({ moved: 5, failed: 1, skipped: 0, failures: [{ id: spoilt, cause: 'not_intact' }] });
    await flip();
    expect(await world.broken(source.sealed)).toEqual([]);
    expect(await world.rest(await evacuate(source.vaultId, targetId))).toMatchObject({
      state: 'completed',
      progress: { total: 1, done: 1 },
    });
    expect(await world.broken(source.sealed)).toEqual([]);
  });

  test('are not what callers keep themselves: that stays under the key that the vault has, and the plan says so', async () => {
    const source = await world.aVault();
    const { body } = await world.acme.call('POST', '/seal', { vaultId: source.vaultId, context: 'c', payload: { kept: 1 } });
    const targetId = await aDefaultVault(world.acme, { name: 'Tokens' });
    expect((await evacuate(source.vaultId, targetId, { dryRun: true })).body.plan).toMatchObject({ items: 0, dataKeysGivenOut: 1 });
    expect((await world.rest(await evacuate(source.vaultId, targetId))).result).toMatchObject({ dataKeysGivenOut: 1 });
    const opened = await world.acme.call('POST', '/unseal', { context: 'c', sealed: body.sealed as string });
    expect(opened.body.payload).toEqual({ kept: 1 });
  });

  test('go neither to the vault where they are, nor to one that takes nothing, nor twice at a time', async () => {
    const source = await aFilledVault(2);
    const targetId = await aDefaultVault(world.acme, { name: 'Twice' });
    expect(await evacuate(source.vaultId, source.vaultId)).toMatchObject({ status: 422, body: { code: 'same_vault' } });
    const { body } = await world.acme.call('GET', `/vaults/${source.vaultId}`);
    expect(await evacuate(source.vaultId, crypto.randomUUID())).toMatchObject({ status: 404, body: { code: 'vault_not_found' } });
    await world.keyhold.database.asAdmin(`UPDATE vaults SET status = 'disabled' WHERE vault_id = $1`, [targetId]);
    expect(await evacuate(source.vaultId, targetId)).toMatchObject({ status: 409, body: { code: 'vault_disabled' } });
    expect((await world.acme.call('GET', `/vaults/${source.vaultId}`)).body).toEqual(body);
    await world.keyhold.database.asAdmin(`UPDATE vaults SET status = 'active' WHERE vault_id = $1`, [targetId]);
    const both = await Promise.all([move(source.vaultId, targetId), move(source.vaultId, targetId)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    for (const order of both) if (order.status === 200) await world.rest(order);
  });

  test('are moved by who manages vaults and opens none of them, and by no key that is for some boxes', async () => {
    const source = await aFilledVault(2);
    const targetId = await aDefaultVault(world.acme, { name: 'Admins' });
    const admin = await aMember(world.keyhold, world.acme, 'admin');
    const order = await admin.call('POST', '/item-moves', { sourceVaultId: source.vaultId, targetVaultId: targetId });
    expect(await world.rest(order)).toMatchObject({ state: 'completed', progress: { done: 2 } });
    const itemId = source.sealed[0]?.itemId ?? '';
    expect(await admin.call('POST', `/items/${itemId}/vault`, { vaultId: source.vaultId })).toMatchObject({ status: 404 });
    const user = await aMember(world.keyhold, world.acme, 'user');
    expect(await user.call('POST', `/vaults/${targetId}/evacuate`, { targetVaultId: source.vaultId })).toMatchObject({ status: 403 });
    const boxed = await aKey(world.keyhold, world.acme, { scopes: ['vault:manage'], boxIds: [world.acme.defaultBoxId] });
    expect(await boxed.call('POST', `/vaults/${targetId}/evacuate`, { targetVaultId: source.vaultId })).toMatchObject({ status: 403 });
  });

  async function inVault(vaultId: string, sealed: readonly Sealed[]): Promise<Sealed[]> {
    const rows = await world.keyhold.database.asAdmin<{ id: string }>('SELECT item_id AS id FROM items WHERE vault_id = $1', [vaultId]);
    const ids = new Set(rows.map(({ id }) => id));
    return sealed.filter(({ itemId }) => ids.has(itemId));
  }
});
