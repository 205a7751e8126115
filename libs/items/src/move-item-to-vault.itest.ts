import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { KeyStrategyError } from '#key-strategies';
import { type TestDatabase, aDatabase } from '../../../test/harness/database.js';
import { type Node, aNode, aRequest } from './testing/a-node.js';

jest.setTimeout(60_000);

const payloadOf = (version: number) => ({ password: `correct horse ${version}` });

describe('an item that goes to another vault', () => {
  let server: TestDatabase;
  let mover: Node;
  let other: Node;
  let workspaceId: string;
  let target: string;
  let itemId: string;

  beforeAll(async () => {
    server = await aDatabase();
    [mover, other] = [aNode(server.serviceUrl), aNode(server.serviceUrl)];
  });
  beforeEach(async () => {
    const ctx = aRequest();
    ({ id: workspaceId } = await other.createWorkspace.run(ctx, { name: 'Acme', ownerEmail: 'owner@acme.example' }));
    target = await other.aVault(aRequest(workspaceId));
    ({ id: itemId } = await other.sealItem.run(aRequest(workspaceId), { kind: 'secret', name: 'n', payload: payloadOf(1) }));
    await aNewVersion(2);
    mover.owner.beforeUnwrap = () => undefined;
  });
  afterAll(async () => {
    await Promise.all([mover.database.close(), other.database.close()]);
    await server.drop();
  });

  const aNewVersion = (version: number) => other.sealItemVersion.run(aRequest(workspaceId), itemId, { payload: payloadOf(version) });
  const move = (vaultId = target) => mover.moveItemToVault.run(aRequest(workspaceId), itemId, vaultId);
  /** The move, with `meanwhile` done after it has read the item and before it stores anything. */
  const moveDuring = async (meanwhile: () => Promise<unknown>) => {
    let isFirst = true;
    mover.owner.beforeUnwrap = async () => {
      if (!isFirst) return;
      isFirst = false;
      await meanwhile();
    };
    const moved = await move();
    expect(isFirst).toBe(false);
    return moved;
  };
  const opened = async (version: number) => (await other.unsealItem.run(aRequest(workspaceId), itemId, version)).payload;
  const versionRows = () =>
    server.asAdmin<{ version: number; vault_id: string }>(
      `SELECT version, vault_id FROM item_versions WHERE item_id = $1 ORDER BY version`,
      [itemId],
    );
  const eventsOf = async (type: string) =>
    await server.asAdmin<{ details: unknown; vault_id: string }>(`SELECT * FROM audit_events WHERE item_id = $1 AND type = $2`, [
      itemId,
      type,
    ]);

  test('has all its versions there, each of which opens as before, and none where it was', async () => {
    const [before] = await server.asAdmin<{ created_at: Date }>(`SELECT created_at FROM item_versions WHERE item_id = $1 AND version = 1`, [
      itemId,
    ]);
    expect(await move()).toMatchObject({ id: itemId, vaultId: target, version: 2 });
    expect(await versionRows()).toEqual([
      { version: 1, vault_id: target },
      { version: 2, vault_id: target },
    ]);
    expect([await opened(1), await opened(2)]).toEqual([payloadOf(1), payloadOf(2)]);
    expect(await server.asAdmin(`SELECT created_at FROM item_versions WHERE item_id = $1 AND version = 1`, [itemId])).toEqual([before]);
    await aNewVersion(3);
    expect(await versionRows()).toHaveLength(3);
  });

  test('is told of in the trail: the intent before its key is asked, and where it went', async () => {
    const intents: number[] = [];
    mover.owner.beforeUnwrap = async () => void intents.push((await eventsOf('item.unseal.requested')).length);
    const { vaultId: source } = await move().then(async () => ({ vaultId: (await eventsOf('item.created'))[0]?.vault_id }));
    expect(intents[0]).toBe(2);
    expect(await eventsOf('item.vault.assigned')).toMatchObject([
      { vault_id: target, details: { kind: 'secret', before: { vaultId: source }, after: { vaultId: target } } },
    ]);
  });

  test('is left alone when it is there already', async () => {
    await move();
    const asked = mover.owner.asked;
    expect(await move()).toMatchObject({ vaultId: target });
    expect(mover.owner.asked).toBe(asked);
    expect(await eventsOf('item.vault.assigned')).toHaveLength(1);
  });

  test('takes a version along that was committed meanwhile', async () => {
    expect(await moveDuring(() => aNewVersion(3))).toMatchObject({ vaultId: target, version: 3 });
    expect((await versionRows()).map(({ vault_id }) => vault_id)).toEqual([target, target, target]);
    expect(await opened(3)).toEqual(payloadOf(3));
  });

  test('gets a version that was being sealed meanwhile where it is now', async () => {
    const late = aNode(server.serviceUrl);
    let isFirst = true;
    const sealing = new Promise<unknown>((resolve, reject) => {
      // its data key is open for nobody here, so that the vault key is asked between reading the item and storing the version
      late.owner.beforeWrap = async () => {
        if (!isFirst) return;
        isFirst = false;
        await move();
      };
      late.sealItemVersion.run(aRequest(workspaceId), itemId, { payload: payloadOf(3) }).then(resolve, reject);
    });
    expect(await sealing).toMatchObject({ vaultId: target, version: 3 });
    await late.database.close();
    expect((await versionRows()).map(({ vault_id }) => vault_id)).toEqual([target, target, target]);
    expect([await opened(1), await opened(3)]).toEqual([payloadOf(1), payloadOf(3)]);
  });

  test('stays deleted when it was deleted meanwhile', async () => {
    await expect(moveDuring(() => other.deleteItem.run(aRequest(workspaceId), itemId))).rejects.toMatchObject({ code: 'item_not_found' });
    expect(await versionRows()).toEqual([]);
  });

  test('is where the last of two moves put it, whole', async () => {
    const third = await other.aVault(aRequest(workspaceId));
    const second = () => other.moveItemToVault.run(aRequest(workspaceId), itemId, third);
    expect(await moveDuring(second)).toMatchObject({ vaultId: target });
    expect((await versionRows()).map(({ vault_id }) => vault_id)).toEqual([target, target]);
    expect(await opened(1)).toEqual(payloadOf(1));
    expect(await eventsOf('item.vault.assigned')).toHaveLength(2);
  });

  test('goes nowhere when its data key, or a version of it, was tampered with', async () => {
    await server.asAdmin(`UPDATE item_versions SET tag = set_bit(tag, 0, 1 - get_bit(tag, 0)) WHERE item_id = $1 AND version = 1`, [
      itemId,
    ]);
    await expect(move()).rejects.toMatchObject({ code: 'not_intact' });
    expect((await versionRows()).some(({ vault_id }) => vault_id === target)).toBe(false);
    expect(await opened(2)).toEqual(payloadOf(2));
    expect(await eventsOf('item.unseal.refused')).toMatchObject([{ details: { purpose: 'move', code: 'not_intact' } }]);
  });

  test('stays where it is when the owner of its key says no, or the wrap of the new data key cannot be opened', async () => {
    for (const code of ['refused', 'not_intact'] as const) {
      let asked = 0;
      mover.owner.beforeUnwrap = () => {
        asked += 1;
        if (code === 'refused' || asked === 2) throw new KeyStrategyError(code, { cause: 'said_so' });
      };
      const node = code === 'refused' ? aStranger() : mover;
      await expect(node.moveItemToVault.run(aRequest(workspaceId), itemId, target)).rejects.toMatchObject({ code });
      await server.asAdmin(`UPDATE vault_keys SET key_health = 'healthy' WHERE workspace_id = $1`, [workspaceId]);
      expect((await versionRows()).some(({ vault_id }) => vault_id === target)).toBe(false);
      if (node !== mover) await node.database.close();
    }
    mover.owner.beforeUnwrap = () => undefined;
    expect(await move()).toMatchObject({ vaultId: target }); // and nothing is left of the data key that could not be opened
    expect(await opened(2)).toEqual(payloadOf(2));
  });

  test('is not sealed into a vault that was closed meanwhile', async () => {
    const close = () => server.asAdmin(`UPDATE vaults SET status = 'disabled' WHERE vault_id = $1`, [target]);
    await expect(moveDuring(close)).rejects.toMatchObject({ code: 'vault_disabled' });
    expect((await versionRows()).some(({ vault_id }) => vault_id === target)).toBe(false);
  });

  function aStranger(): Node {
    const stranger = aNode(server.serviceUrl);
    stranger.owner.beforeUnwrap = () => {
      throw new KeyStrategyError('refused', { cause: 'said_so' });
    };
    return stranger;
  }

  test('is nothing to whoever has no such vault, and the vault nothing to it', async () => {
    await expect(move(randomUUID())).rejects.toMatchObject({ code: 'vault_not_found' });
    const stranger = aRequest((await other.createWorkspace.run(aRequest(), { name: 'B', ownerEmail: 'o@b.example' })).id);
    await expect(mover.moveItemToVault.run(stranger, itemId, target)).rejects.toMatchObject({ code: 'item_not_found' });
  });
});
