import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { anItem } from './harness/item.js';
import { type Keyhold, type Workspace, startKeyhold } from './harness/service.js';
import { aDefaultVault } from './harness/vault.js';

interface Row {
  id: string;
  kind: string;
  category: string | null;
  vaultId: string;
  version: number;
}

describe('lists', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  let globex: Workspace;
  let secondVault: string;
  const made: string[] = [];

  beforeAll(async () => {
    keyhold = await startKeyhold();
    [acme, globex] = await Promise.all([keyhold.aWorkspace('Acme'), keyhold.aWorkspace('Globex')]);
    secondVault = await aDefaultVault(acme);
    for (let i = 0; i < 30; i += 1) made.push(await anItem(acme, { i }, KINDS[i % KINDS.length]));
    for (let i = 0; i < 5; i += 1) await anItem(globex);
  }, 60_000);
  afterAll(() => keyhold.stop());

  const KINDS = [{ kind: 'account' }, { category: 'ssh_key' }, { category: 'text' }];
  const badCursor = { status: 400, body: { status: 400, code: 'bad_cursor' } };

  /** Follows a list to its end, one page after the other. */
  async function pages(list: string, limit: number, workspace = acme): Promise<Row[][]> {
    const all: Row[][] = [];
    let cursor: string | null = null;
    do {
      const query: string = `${list.includes('?') ? '&' : '?'}limit=${limit}${cursor === null ? '' : `&cursor=${cursor}`}`;
      const { status, body } = await workspace.call('GET', `${list}${query}`);
      expect(status).toBe(200);
      all.push(body.data as Row[]);
      cursor = body.nextCursor as string | null;
    } while (cursor !== null);
    return all;
  }

  const firstCursor = async (list: string, workspace = acme): Promise<string> => {
    const { body } = await workspace.call('GET', `${list}${list.includes('?') ? '&' : '?'}limit=1`);
    return body.nextCursor as string;
  };

  test.each([1, 7, 10, 29, 30, 100])('of items are newest first and whole, in pages of %i', async (limit) => {
    const all = await pages('/items', limit);
    expect(all.map((page) => page.length)).toEqual(
      Array.from({ length: Math.ceil(30 / limit) }, (_, i) => Math.min(limit, 30 - i * limit)),
    );
    expect(all.flat().map(({ id }) => id)).toEqual(made.toReversed());
  });

  test('hold 25 when nothing is said, and 100 at most', async () => {
    expect((await acme.call('GET', '/items')).body.data).toHaveLength(25);
    for (const limit of ['0', '101', '-1', '1.5', 'x', '', '1e9', '10&limit=20'])
      expect(await acme.call('GET', `/items?limit=${limit}`)).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
  });

  test('of items show what the filter says, over pages', async () => {
    const inSecond = [await anItem(acme, {}, { vaultId: secondVault, kind: 'account' }), await anItem(acme, {}, { vaultId: secondVault })];
    const found = async (query: string) => (await pages(`/items?${query}`, 4)).flat();
    expect((await found('kind=account')).map(({ kind }) => kind)).toEqual(Array.from({ length: 11 }, () => 'account'));
    expect((await found('category=ssh_key')).map(({ category }) => category)).toEqual(Array.from({ length: 10 }, () => 'ssh_key'));
    expect((await found(`vaultId=${secondVault}`)).map(({ id }) => id)).toEqual(inSecond.toReversed());
    expect((await found(`vaultId=${secondVault.toUpperCase()}&kind=account`)).map(({ id }) => id)).toEqual([inSecond[0]]);
    expect(await found(`vaultId=${globex.defaultVaultId}`)).toEqual([]);
    expect(await found('kind=account&category=text')).toEqual([]);
    for (const query of ['kind=x', 'category=x', 'vaultId=x', 'name=x', 'kind=account&kind=secret'])
      expect(await acme.call('GET', `/items?${query}`)).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    for (const id of inSecond) await acme.call('DELETE', `/items/${id}`);
  });

  test('do not move under a reader: what comes meanwhile is on no later page, what goes leaves no gap', async () => {
    const first = await acme.call('GET', '/items?limit=10');
    const meanwhile = await anItem(acme);
    await acme.call('DELETE', `/items/${(first.body.data as Row[])[9]?.id ?? ''}`); // where the page ended
    const second = await acme.call('GET', `/items?limit=10&cursor=${first.body.nextCursor as string}`);
    expect((second.body.data as Row[]).map(({ id }) => id)).toEqual(made.toReversed().slice(10, 20));
    await acme.call('DELETE', `/items/${meanwhile}`);
  });

  test('of versions go down to the first', async () => {
    const id = await anItem(acme);
    for (let version = 2; version <= 8; version += 1) await acme.call('PUT', `/items/${id}`, { payload: { version } });
    const all = await pages(`/items/${id}/versions`, 3);
    expect(all.map((page) => page.map(({ version }) => version))).toEqual([
      [8, 7, 6],
      [5, 4, 3],
      [2, 1],
    ]);
  });

  test('of vaults are newest first', async () => {
    const workspace = await keyhold.aWorkspace();
    const vaults = [workspace.defaultVaultId];
    for (const name of ['B', 'C', 'D', 'E', 'F']) vaults.push(await aDefaultVault(workspace, { name }));
    expect((await pages('/vaults', 2, workspace)).map((page) => page.map(({ id }) => id))).toEqual([
      [vaults[5], vaults[4]],
      [vaults[3], vaults[2]],
      [vaults[1], vaults[0]],
    ]);
  });

  test('of an empty workspace are empty', async () => {
    const workspace = await keyhold.aWorkspace();
    expect((await workspace.call('GET', '/items')).body).toEqual({ data: [], nextCursor: null });
  });

  describe('refuse a cursor', () => {
    test('of another list', async () => {
      const [item, other] = [await anItem(acme), await anItem(acme)];
      for (const id of [item, other]) await acme.call('PUT', `/items/${id}`, { payload: {} });
      const lists = ['/items', '/vaults', '/audit-events', `/items/${item}/versions`, `/items/${other}/versions`];
      const cursors = await Promise.all(lists.map((list) => firstCursor(list)));
      for (const [at, list] of lists.entries())
        for (const [from, cursor] of cursors.entries()) {
          const { status } = await acme.call('GET', `${list}?cursor=${cursor}`);
          expect({ list, of: lists[from], status }).toEqual({ list, of: lists[from], status: at === from ? 200 : 400 });
        }
    });

    test('of another filter', async () => {
      const cursor = await firstCursor('/items?kind=secret');
      expect(await acme.call('GET', `/items?kind=secret&limit=100&cursor=${cursor}`)).toMatchObject({ status: 200 });
      for (const query of ['', 'kind=account&', 'kind=secret&category=text&', `kind=secret&vaultId=${secondVault}&`])
        expect(await acme.call('GET', `/items?${query}cursor=${cursor}`)).toMatchObject(badCursor);
      const ofEvents = await firstCursor('/audit-events?type=item.created');
      for (const query of ['', 'type=item.deleted&', 'type=item.created&from=2026-01-01T00:00:00Z&'])
        expect(await acme.call('GET', `/audit-events?${query}cursor=${ofEvents}`)).toMatchObject(badCursor);
    });

    test('of another workspace', async () => {
      for (const list of ['/items', '/audit-events'])
        expect(await acme.call('GET', `${list}?cursor=${await firstCursor(list, globex)}`)).toMatchObject(badCursor);
    });

    test('that was changed, cut, or made up', async () => {
      const cursor = await firstCursor('/items');
      const bytes = Buffer.from(cursor, 'base64url');
      const flipped = [...bytes.keys()].map((at) => {
        const copy = Buffer.from(bytes);
        copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
        return copy.toString('base64url');
      });
      const madeUp = [
        'x',
        '0',
        'null',
        made[0] ?? '',
        Buffer.from(JSON.stringify(made[0])).toString('base64url'),
        cursor.slice(0, -4),
        'A'.repeat(512),
      ];
      for (const bad of [...flipped, ...madeUp]) expect(await acme.call('GET', `/items?cursor=${bad}`)).toMatchObject(badCursor);
      for (const no of ['', 'A'.repeat(513)])
        expect(await acme.call('GET', `/items?cursor=${no}`)).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    });
  });

  test('nothing of all this was a fault of the service', () => {
    expect(keyhold.log()).not.toContain('"code":"internal"');
  });
});
