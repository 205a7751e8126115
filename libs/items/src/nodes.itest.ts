import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { KeyStrategyError } from '#key-strategies';
import { type TestDatabase, aDatabase } from '../../../test/harness/database.js';
import { type Node, aNode, aRequest } from './testing/a-node.js';

const PAYLOAD = { password: 'correct horse' };

describe('nodes that share a database', () => {
  let server: TestDatabase;
  let first: Node;
  let second: Node;
  let workspaceId: string;

  beforeAll(async () => {
    server = await aDatabase();
    await server.asAdmin(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$`);
    [first, second] = [aNode(server.serviceUrl), aNode(server.serviceUrl)];
  });
  beforeEach(async () => {
    const ctx = aRequest();
    ({ id: workspaceId } = await first.createWorkspace.run(ctx, { name: 'Acme', ownerEmail: 'owner@acme.example' }));
  });
  afterAll(async () => {
    await Promise.all([first.database.close(), second.database.close()]);
    await server.drop();
  });

  const anItem = { kind: 'secret' as const, name: 'n', payload: PAYLOAD };
  const someData = (count: number) => Array.from({ length: count }, (_, place) => ({ context: `c${place}`, payload: PAYLOAD }));
  const sealedBy = async (node: Node, count = 1) => {
    const { results } = await node.sealData.run(aRequest(workspaceId), undefined, someData(count));
    return results.map((result, place) => ({ context: `c${place}`, sealed: 'sealed' in result ? result.sealed : '' }));
  };
  const refuseTo = (what: string, table: string) =>
    server.asAdmin(`CREATE TRIGGER refuse BEFORE ${what} ON ${table} EXECUTE FUNCTION refuse()`);
  const allowTo = (table: string) => server.asAdmin(`DROP TRIGGER refuse ON ${table}`);
  const openedBy = (node: Node, sealed: { context: string; sealed: string }[]) => node.unsealData.run(aRequest(workspaceId), sealed);

  test('lose nothing when a repeat is answered from the other’s record: its own new data key is not taken for stored', async () => {
    const key = randomUUID();
    const item = await first.sealItem.run(aRequest(workspaceId, key), anItem);
    expect(await second.sealItem.run(aRequest(workspaceId, key), anItem)).toEqual(item);
    const next = await second.sealItem.run(aRequest(workspaceId), anItem);
    expect(await first.unsealItem.run(aRequest(workspaceId), next.id)).toMatchObject({ payload: PAYLOAD });
    expect(await openedBy(first, await sealedBy(second))).toEqual([{ payload: PAYLOAD }]);
  });

  test('answer nothing sealed under a data key whose row is gone', async () => {
    await sealedBy(second);
    await server.asAdmin(`DELETE FROM data_keys WHERE workspace_id = '${workspaceId}'`); // as a fail-over to a late standby would
    expect(await openedBy(first, await sealedBy(second))).toEqual([{ payload: PAYLOAD }]);
  });

  test.each(['refused', 'pending_deletion', 'unreachable'] as const)('ask a key that is %s once for a whole batch', async (code) => {
    await server.asAdmin(`UPDATE vaults SET items_per_data_key = 1 WHERE workspace_id = '${workspaceId}'`);
    const sealed = await sealedBy(first, 12);
    const stranger = aNode(server.serviceUrl);
    stranger.owner.beforeUnwrap = () => {
      throw new KeyStrategyError(code, { cause: 'said_so' });
    };
    const outcomes = await openedBy(stranger, sealed);
    await stranger.database.close();
    expect(outcomes).toEqual(Array(12).fill({ error: expect.objectContaining({ code }) }));
    expect(stranger.owner.asked).toBeLessThanOrEqual(4); // those that were under way together
  });

  test('outlive a failure of every statement of a seal', async () => {
    await refuseTo('INSERT', 'data_keys');
    await expect(first.sealItem.run(aRequest(workspaceId), anItem)).rejects.toThrow();
    await expect(sealedBy(first)).rejects.toThrow();
    await allowTo('data_keys');
    expect(await openedBy(second, await sealedBy(first))).toEqual([{ payload: PAYLOAD }]);
  });

  test('drop what is open when the owner of the key says no, even when that cannot be put on record', async () => {
    const [mine, theirs] = [await sealedBy(first), await sealedBy(second)];
    first.owner.beforeUnwrap = () => {
      throw new KeyStrategyError('refused', { cause: 'said_so' });
    };
    await refuseTo('UPDATE', 'vault_keys');
    await expect(openedBy(first, theirs)).rejects.toThrow();
    await allowTo('vault_keys');
    Object.assign(first.owner, { asked: 0, beforeUnwrap: () => undefined });
    expect(await openedBy(first, mine)).toEqual([{ payload: PAYLOAD }]);
    expect(first.owner.asked).toBe(1);
  });
});
