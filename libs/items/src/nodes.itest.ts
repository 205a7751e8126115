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
    [first, second] = [aNode(server.serviceUrl), aNode(server.serviceUrl)];
  });
  beforeEach(async () => {
    const ctx = aRequest();
    ({ id: workspaceId } = await first.createWorkspace.run(ctx, { name: 'Acme' }));
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
});
