import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { PurgeView } from '#vaults';
import { type Answer, type Client, aClient } from './harness/client.js';
import { eventually } from './harness/eventually.js';
import type { Node } from './harness/service.js';
import { type FilledVault, type TwoNodes, aFilledVault as filled, twoNodes, unsealing } from './harness/two-nodes.js';

jest.setTimeout(60_000);

let world: TwoNodes;
let here: Client;
let there: Client;

beforeAll(async () => {
  world = await twoNodes();
  ({ here, there } = world);
}, 90_000);
afterAll(() => world.keyhold.stop());

/** What is open in it stays open for longer than a test takes. */
const aFilledVault = (of: TwoNodes): Promise<FilledVault> => filled(of, { dataKeyCacheSeconds: 300 });

const purge = async ({ vaultId }: FilledVault, by: Client = here): Promise<PurgeView> => {
  const { status, body } = await by('POST', `/vaults/${vaultId}/purge`);
  expect(status).toBe(200);
  return body as PurgeView;
};
const purgeOf = async ({ vaultId }: FilledVault, id: string) => (await here('GET', `/vaults/${vaultId}/purges/${id}`)).body as PurgeView;
/** Once every node has answered: most do within the 3 seconds for which the purge waits. */
const completed = (vault: FilledVault, { id }: PurgeView): Promise<PurgeView> =>
  eventually(
    () => purgeOf(vault, id),
    ({ isComplete }) => isComplete,
  );
const purgesOf = async ({ vaultId }: FilledVault) => (await here('GET', `/vaults/${vaultId}/purges`)).body.data as PurgeView[];
const decrypts = async (work: () => Promise<unknown>): Promise<number> =>
  (await world.keyhold.sandbox.control.callsDuring(work)).calls.filter(({ operation }) => operation === 'Decrypt').length;

/** A node with a process of its own to do things to, that has the vault's keys open. */
async function aNodeThatHasOpen(vault: FilledVault): Promise<{ node: Node; call: Client }> {
  const node = await world.keyhold.anotherNode();
  const call = aClient(`${node.url}/v1/workspaces/${world.acme.id}`, world.acme.token);
  expect((await unsealing(call, vault)).status).toBe(200);
  return { node, call };
}

describe('a purge', () => {
  test('drops the open keys of the vault on every node, and answers how many each dropped and when', async () => {
    const [vault, other] = [await aFilledVault(world), await aFilledVault(world)];
    const receipt = await completed(vault, await purge(vault, there));
    expect(receipt).toMatchObject({ vaultId: vault.vaultId, cause: 'request', isComplete: true });
    expect(receipt.nodes).toHaveLength(2);
    // The item and the data are under one node's data key, which both have open; the other one has sealed under its own.
    expect(receipt.nodes.map(({ keysDropped }) => keysDropped).sort()).toEqual([1, 2]);
    expect(receipt.keysDropped).toBe(3);
    for (const { answeredAt } of receipt.nodes) expect(Date.parse(answeredAt ?? '')).toBeGreaterThanOrEqual(Date.parse(receipt.orderedAt));
    for (const node of [here, there]) {
      expect(await decrypts(() => unsealing(node, vault))).toBe(1);
      expect(await decrypts(() => unsealing(node, other))).toBe(0);
    }
    expect(await purgeOf(vault, receipt.id)).toEqual(receipt);
    expect((await completed(vault, await purge(vault))).keysDropped).toBe(2);
  });

  test('is on record twice: that it was asked for, and what the nodes answered', async () => {
    const vault = await aFilledVault(world);
    const { id, nodes, keysDropped, isComplete } = await purge(vault);
    const { body } = await here('GET', `/audit-events?vaultId=${vault.vaultId}`);
    const [answered, asked] = body.data as { type: string; details: object }[];
    expect(asked).toMatchObject({ type: 'vault.cache.purge_requested', details: { purgeId: id } });
    expect(answered).toMatchObject({ type: 'vault.cache.purged', details: { purgeId: id, keysDropped, isComplete, nodes } });
  });

  test('names a node that does not answer, which uses nothing of before when it is back, and answers then', async () => {
    const vault = await aFilledVault(world);
    const { node, call } = await aNodeThatHasOpen(vault);
    node.process.kill('SIGSTOP');
    const receipt = await purge(vault);
    const answered = receipt.nodes.filter(({ answeredAt }) => answeredAt !== null);
    expect([receipt.isComplete, receipt.nodes.length, answered.length]).toEqual([false, 3, 2]);
    expect(receipt.nodes.find(({ answeredAt }) => answeredAt === null)).toMatchObject({ keysDropped: null });
    node.process.kill('SIGCONT');
    expect(await decrypts(() => unsealing(call, vault))).toBe(1);
    const complete = await eventually(
      () => purgeOf(vault, receipt.id),
      ({ isComplete }) => isComplete,
    );
    expect(complete.keysDropped).toBe(4);
    await node.stop();
  });

  test('is obeyed by nodes that cannot be told', async () => {
    const vault = await aFilledVault(world);
    const { database } = world.keyhold;
    const stop = setInterval(() => void cutOffNotices(), 20);
    const cutOffNotices = () =>
      database.asAdmin(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'keyhold-notices' AND datname = current_database()`,
      );
    await cutOffNotices();
    const { id } = await purge(vault);
    for (const node of [here, there]) expect(await decrypts(() => unsealing(node, vault))).toBe(1);
    expect(
      await eventually(
        () => purgeOf(vault, id),
        ({ isComplete }) => isComplete,
      ),
    ).toMatchObject({ keysDropped: 3 });
    clearInterval(stop);
  });

  test('waits for no node that is gone', async () => {
    const vault = await aFilledVault(world);
    const { node } = await aNodeThatHasOpen(vault);
    await node.stop();
    expect((await completed(vault, await purge(vault))).nodes).toHaveLength(2);
  });
});

describe('what else drops open keys', () => {
  test('is a suspension', async () => {
    const vault = await aFilledVault(world);
    await here('POST', `/vaults/${vault.vaultId}/suspend`);
    const isAnswered = ([purge]: PurgeView[]) => purge?.isComplete === true;
    expect(await eventually(() => purgesOf(vault), isAnswered)).toMatchObject([{ cause: 'suspension', keysDropped: 3 }]);
    await here('POST', `/vaults/${vault.vaultId}/resume`);
    for (const node of [here, there]) expect(await decrypts(() => unsealing(node, vault))).toBe(1);
  });

  test('is a shorter time for which they may stay open, and not a longer one', async () => {
    const vault = await aFilledVault(world);
    const set = (dataKeyCacheSeconds: number): Promise<Answer> => here('PATCH', `/vaults/${vault.vaultId}`, { dataKeyCacheSeconds });
    await set(250);
    const isOne = ([purge]: PurgeView[]) => purge?.isComplete === true;
    expect(await eventually(() => purgesOf(vault), isOne)).toMatchObject([{ cause: 'settings', keysDropped: 3 }]);
    await set(300);
    expect(await purgesOf(vault)).toHaveLength(1);
  });
});

describe('the list of purges', () => {
  test('is the vault’s own, newest first, page by page', async () => {
    const [vault, other] = [await aFilledVault(world), await aFilledVault(world)];
    const ids = [await purge(vault), await purge(vault), await purge(vault)].map(({ id }) => id);
    await purge(other);
    const first = await here('GET', `/vaults/${vault.vaultId}/purges?limit=2`);
    const second = await here('GET', `/vaults/${vault.vaultId}/purges?limit=2&cursor=${first.body.nextCursor as string}`);
    const listed = [...first.body.data, ...second.body.data].map(({ id }: PurgeView) => id);
    expect([listed, second.body.nextCursor]).toEqual([ids.reverse(), null]);
    const foreign = await here('GET', `/vaults/${other.vaultId}/purges?cursor=${first.body.nextCursor as string}`);
    expect(foreign).toMatchObject({ status: 400, body: { code: 'bad_cursor' } });
  });

  test('tells nothing of a purge that is another vault’s or another workspace’s', async () => {
    const [vault, other, globex] = [await aFilledVault(world), await aFilledVault(world), await world.keyhold.aWorkspace()];
    const { id } = await purge(vault);
    const absent = { status: 404, body: { code: 'purge_not_found' } };
    for (const wrong of [`/vaults/${other.vaultId}/purges/${id}`, `/vaults/${vault.vaultId}/purges/x`])
      expect(await here('GET', wrong)).toMatchObject(absent);
    for (const path of [`purges`, `purges/${id}`])
      expect(await globex.call('GET', `/vaults/${vault.vaultId}/${path}`)).toMatchObject({
        status: 404,
        body: { code: 'vault_not_found' },
      });
  });
});
