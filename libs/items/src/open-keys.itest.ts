import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { KeyStrategyError } from '#key-strategies';
import { type TestDatabase, aDatabase } from '../../../test/harness/database.js';
import { type Node, aNode, aRequest } from './testing/a-node.js';

const PAYLOAD = { password: 'correct horse' };

/** Nodes that never hear of a purge: nothing tells them but the vault's row. */
describe('data keys that a node has open', () => {
  let server: TestDatabase;
  let node: Node;
  let other: Node;
  let workspaceId: string;
  let vaultId: string;

  beforeAll(async () => {
    server = await aDatabase();
  });
  beforeEach(async () => {
    [node, other] = [aNode(server.serviceUrl), aNode(server.serviceUrl)];
    const workspace = await node.createWorkspace.run(aRequest(), { name: 'Acme', ownerEmail: 'owner@acme.example' });
    ({ id: workspaceId, defaultVaultId: vaultId } = workspace);
  });
  afterEach(() => Promise.all([node.database.close(), other.database.close()]));
  afterAll(() => server.drop());

  const as = () => aRequest(workspaceId);
  const settings = (change: object) => node.updateVault.run(as(), vaultId, change);
  const sealed = async (by: Node): Promise<string> => (await by.sealItem.run(as(), { kind: 'secret', name: 'n', payload: PAYLOAD })).id;
  const opened = async (by: Node, itemId: string) => (await by.unsealItem.run(as(), itemId)).payload;
  const asksOf = async (by: Node, work: () => Promise<unknown>): Promise<number> => {
    const before = by.owner.asked;
    await work();
    return by.owner.asked - before;
  };
  const cannotBeAsked = ({ owner }: Node) => {
    owner.beforeUnwrap = () => {
      throw new KeyStrategyError('unreachable', { cause: 'no_region_answered' });
    };
  };
  const UNREACHABLE = expect.objectContaining({ code: 'unreachable' });

  describe('of a vault whose key cannot be asked', () => {
    test('seal as long as their proof is good, at most 60 seconds, and open as long as they may stay open', async () => {
      await settings({ dataKeyCacheSeconds: 300 });
      const itemId = await sealed(node);
      cannotBeAsked(node);
      node.clock.aheadMs = 55_000;
      await sealed(node);
      node.clock.aheadMs = 61_000;
      await expect(sealed(node)).rejects.toEqual(UNREACHABLE);
      node.clock.aheadMs = 295_000;
      expect(await opened(node, itemId)).toEqual(PAYLOAD);
      node.clock.aheadMs = 301_000;
      await expect(opened(node, itemId)).rejects.toEqual(UNREACHABLE);
    });

    test('seal no longer than they may stay open, when that is less', async () => {
      await settings({ dataKeyCacheSeconds: 10 });
      await sealed(node);
      cannotBeAsked(node);
      node.clock.aheadMs = 5_000;
      await sealed(node);
      node.clock.aheadMs = 11_000;
      await expect(sealed(node)).rejects.toEqual(UNREACHABLE);
    });

    test('are no others: what was not open before is not opened, and nothing is sealed with a cache of no seconds', async () => {
      const itemId = await sealed(node);
      cannotBeAsked(other);
      await expect(opened(other, itemId)).rejects.toEqual(UNREACHABLE);
      await settings({ dataKeyCacheSeconds: 0 });
      cannotBeAsked(node);
      await expect(sealed(node)).rejects.toEqual(UNREACHABLE);
    });
  });

  describe('under settings that change', () => {
    test('stay open for no longer than a shorter time allows that is set now, and leave memory', async () => {
      await settings({ dataKeyCacheSeconds: 300 });
      const itemId = await sealed(node);
      node.clock.aheadMs = 31_000;
      expect(await asksOf(node, () => opened(node, itemId))).toBe(0);
      await settings({ dataKeyCacheSeconds: 30 });
      expect(node.dataKeys.enterEpoch(workspaceId, vaultId, 1)).toBe(1);
      expect(await asksOf(node, () => opened(node, itemId))).toBe(1);
    });

    test('protect no more versions than a smaller number allows that is set now', async () => {
      await sealed(node);
      await sealed(node);
      await settings({ itemsPerDataKey: 2 });
      const keyOf = async (itemId: string) =>
        (await server.asAdmin(`SELECT data_key_id FROM item_versions WHERE item_id = $1`, [itemId]))[0]?.data_key_id as string;
      const keys = [await sealed(node), await sealed(node), await sealed(node)].map(keyOf);
      const [first, second, third] = await Promise.all(keys);
      expect(first).toBe(second);
      expect(third).not.toBe(first);
    });

    test('take no new items once they are older than allowed now', async () => {
      const count = async () => (await server.asAdmin(`SELECT 1 FROM data_keys WHERE vault_id = $1`, [vaultId])).length;
      await sealed(node);
      node.clock.aheadMs = 3_600_000;
      await sealed(node);
      expect(await count()).toBe(1);
      await settings({ dataKeyMaxAgeSeconds: 60 });
      await sealed(node);
      expect(await count()).toBe(2);
    });
  });

  describe('when they are purged', () => {
    test('are not used again, by nodes that have not heard of it either', async () => {
      const itemId = await sealed(node);
      await opened(other, itemId);
      for (const each of [node, other]) expect(await asksOf(each, () => opened(each, itemId))).toBe(0);
      await other.purgeDataKeys.run(as(), vaultId);
      for (const each of [node, other]) expect(await asksOf(each, () => opened(each, itemId))).toBe(1);
      for (const each of [node, other]) expect(await asksOf(each, () => opened(each, itemId))).toBe(0);
    });

    test('do not seal again before the vault key has proved itself anew', async () => {
      await sealed(node);
      await other.purgeDataKeys.run(as(), vaultId);
      expect(await asksOf(node, () => sealed(node))).toBe(1);
      await other.purgeDataKeys.run(as(), vaultId);
      cannotBeAsked(node);
      await expect(sealed(node)).rejects.toEqual(UNREACHABLE);
    });

    test('are not kept when they were being opened meanwhile', async () => {
      const itemId = await sealed(node);
      const { promise: answer, resolve: release } = Promise.withResolvers<undefined>();
      const { promise: asked, resolve: isAsked } = Promise.withResolvers<undefined>();
      other.owner.beforeUnwrap = () => {
        isAsked(undefined);
        return answer;
      };
      const opening = opened(other, itemId);
      await asked;
      await node.purgeDataKeys.run(as(), vaultId);
      expect(other.dataKeys.enterEpoch(workspaceId, vaultId, 1)).toBe(0);
      release(undefined);
      expect(await opening).toEqual(PAYLOAD);
      expect(other.dataKeys.purge(workspaceId, vaultId)).toBe(0);
    });

    test('stay open in other vaults and other workspaces', async () => {
      const itemId = await sealed(node);
      const elsewhere = await node.createWorkspace.run(aRequest(), { name: 'Globex', ownerEmail: 'owner@globex.example' });
      await node.purgeDataKeys.run(aRequest(elsewhere.id), elsewhere.defaultVaultId);
      await expect(node.purgeDataKeys.run(aRequest(elsewhere.id), vaultId)).rejects.toMatchObject({ code: 'vault_not_found' });
      expect(await asksOf(node, () => opened(node, itemId))).toBe(0);
    });

    test('are counted once for a purge, whoever was faster: the order, or a request that read the row', async () => {
      const itemId = await sealed(node);
      await node.purgeDataKeys.run(as(), vaultId);
      await opened(node, itemId);
      expect(node.dataKeys.enterEpoch(workspaceId, vaultId, 1)).toBe(1);
      await node.purgeDataKeys.run(as(), vaultId);
      expect(node.dataKeys.enterEpoch(workspaceId, vaultId, 2)).toBe(1);
      expect(node.dataKeys.enterEpoch(workspaceId, vaultId, 1)).toBe(0);
      expect(node.dataKeys.enterEpoch(workspaceId, randomUUID(), 2)).toBe(0);
    });
  });
});
