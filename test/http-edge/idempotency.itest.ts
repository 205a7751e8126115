import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';

jest.setTimeout(30_000); // processes are started here

describe('a write under an Idempotency-Key', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  let globex: Workspace;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    [acme, globex] = await Promise.all([keyhold.aWorkspace('Acme'), keyhold.aWorkspace('Globex')]);
  });
  afterAll(() => keyhold.stop());

  const item = (name = 'n') => ({ kind: 'secret', name, payload: { a: 1 } });
  const under = (key: string) => ({ 'idempotency-key': key });
  const itemsNamed = async (workspace: Workspace, name: string): Promise<number> => {
    const { body } = await workspace.call('GET', '/items?limit=100');
    return (body.data as { name: string }[]).filter((found) => found.name === name).length;
  };

  test('acts once, and answers the repeat as the first time', async () => {
    const [key, name] = [randomUUID(), randomUUID()];
    const first = await acme.call('POST', '/items', item(name), under(key));
    const second = await acme.call('POST', '/items', item(name), under(key));
    expect(first).toMatchObject({ status: 201 });
    expect(second).toMatchObject({ status: 201, body: first.body });
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(await itemsNamed(acme, name)).toBe(1);
  });

  test('answers the repeat on another node as well', async () => {
    const other = await keyhold.anotherNode();
    const key = randomUUID();
    const first = await acme.call('POST', '/items', item(), under(key));
    const second = await fetch(`${other.url}/v1/workspaces/${acme.id}/items`, {
      method: 'POST',
      headers: { authorization: `Bearer ${acme.token}`, 'content-type': 'application/json', ...under(key) },
      body: JSON.stringify(item()),
    });
    expect(await second.json()).toEqual(first.body);
  });

  test('acts once when many come at the same time', async () => {
    const [key, name] = [randomUUID(), randomUUID()];
    const answers = await Promise.all(Array.from({ length: 12 }, () => acme.call('POST', '/items', item(name), under(key))));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await itemsNamed(acme, name)).toBe(1);
  });

  test('keeps the status of its route, and an answer without content', async () => {
    const { body: made } = await acme.call('POST', '/items', item());
    const path = `/items/${made.id as string}`;
    const updateKey = randomUUID();
    const updates = [
      await acme.call('PUT', path, { payload: { b: 2 } }, under(updateKey)),
      await acme.call('PUT', path, { payload: { b: 2 } }, under(updateKey)),
    ];
    expect(updates).toMatchObject([
      { status: 200, body: { version: 2 } },
      { status: 200, body: { version: 2 } },
    ]);
    const deleteKey = randomUUID();
    const deletes = [
      await acme.call('DELETE', path, undefined, under(deleteKey)),
      await acme.call('DELETE', path, undefined, under(deleteKey)),
    ];
    expect(deletes.map(({ status, text }) => ({ status, text }))).toEqual(Array(2).fill({ status: 204, text: '' }));
    expect(deletes[1]?.headers.get('idempotent-replayed')).toBe('true');
    expect(await acme.call('DELETE', path)).toMatchObject({ status: 404 });
  });

  test('refuses the key for another request', async () => {
    const key = randomUUID();
    await acme.call('POST', '/items', item('one'), under(key));
    const reused = { status: 409, body: { code: 'idempotency_key_reused' } };
    expect(await acme.call('POST', '/items', item('two'), under(key))).toMatchObject(reused);
    expect(await acme.call('POST', '/vaults', { name: 'v', strategy: 'default' }, under(key))).toMatchObject(reused);
  });

  test('knows the same request by another spelling of its path', async () => {
    const key = randomUUID();
    const { body: made } = await acme.call('POST', '/items', item());
    const id = made.id as string;
    const first = await acme.call('PUT', `/items/${id}`, { payload: { c: 3 } }, under(key));
    const second = await acme.call('PUT', `/%69tems/${id.replace('-', '%2D')}`, { payload: { c: 3 } }, under(key));
    expect(second).toMatchObject({ status: 200, body: first.body });
  });

  test('is nothing to another workspace', async () => {
    const key = randomUUID();
    const first = await acme.call('POST', '/items', item(), under(key));
    const other = await globex.call('POST', '/items', item(), under(key));
    expect(other.status).toBe(201);
    expect(other.body.id).not.toBe(first.body.id);
  });

  test('makes one workspace, with the token that was shown the first time', async () => {
    const key = randomUUID();
    const first = await keyhold.operator('POST', '/v1/workspaces', { name: 'Initech', ownerEmail: 'owner@initech.example' }, under(key));
    const second = await keyhold.operator('POST', '/v1/workspaces', { name: 'Initech', ownerEmail: 'owner@initech.example' }, under(key));
    expect(first).toMatchObject({ status: 201, body: { apiKey: expect.stringMatching(/^khw_/) } });
    expect(second).toMatchObject({ status: 201, body: first.body });
    expect(
      await keyhold.operator('POST', '/v1/workspaces', { name: 'Hooli', ownerEmail: 'owner@hooli.example' }, under(key)),
    ).toMatchObject({ status: 409 });
  });

  test('does not act when it failed, and is free for a better try', async () => {
    const key = randomUUID();
    const vaultId = '00000000-0000-4000-8000-000000000000';
    expect(await acme.call('POST', '/items', { ...item(), vaultId }, under(key))).toMatchObject({ status: 404 });
    expect(await acme.call('POST', '/items', item(), under(key))).toMatchObject({ status: 201 });
  });

  test.each(['', ' ', 'a b', 'ü', 'x'.repeat(256)])('refuses the key %j', async (key) => {
    const { status, body } = await acme.call('POST', '/items', item(), under(key));
    if (key.trim() === '')
      expect([400, 201]).toContain(status); // fetch sends nothing but an empty header
    else expect({ status, errors: body.errors }).toMatchObject({ status: 400, errors: [{ field: 'Idempotency-Key' }] });
  });

  test('takes a key of 255 characters', async () => {
    expect(await acme.call('POST', '/items', item(), under('~'.repeat(255)))).toMatchObject({ status: 201 });
  });

  test('on a read is nothing at all', async () => {
    expect(await acme.call('GET', '/items', undefined, under('a b'))).toMatchObject({ status: 200 });
  });
});
