import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { anItem } from './harness/item.js';
import { type Keyhold, type Workspace, startKeyhold } from './harness/service.js';
import { aDefaultVault, anAwsKmsVault } from './harness/vault.js';

const MIB = 1024 * 1024;

describe('sealing and unsealing', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  let globex: Workspace;
  const vaults: Record<string, string> = {};

  beforeAll(async () => {
    keyhold = await startKeyhold();
    [acme, globex] = await Promise.all([keyhold.aWorkspace('Acme'), keyhold.aWorkspace('Globex')]);
    vaults['default'] = await aDefaultVault(acme);
    vaults['aws-kms'] = (await anAwsKmsVault(keyhold, acme)).vaultId;
  }, 60_000);
  afterAll(() => keyhold.stop());

  const unseal = (itemId: string, body?: object) => acme.call('POST', `/items/${itemId}/unseal`, body);
  const problem = (status: number, code: string) => ({ status, body: { status, code } });

  describe.each(['default', 'aws-kms'])('in a vault of the strategy %s', (strategy) => {
    const sealed = (payload: object, more: object = {}) => anItem(acme, payload, { vaultId: vaults[strategy], ...more });

    test('a payload comes back as it was sealed, and is not answered before', async () => {
      const payload = { username: 'deploy', password: 'correct horse', nested: { list: [1, null, 'ü'] } };
      const vaultId = vaults[strategy];
      const created = await acme.call('POST', '/items', { kind: 'account', name: 'Robot', vaultId, payload });
      expect(created).toMatchObject({ status: 201, body: { kind: 'account', name: 'Robot', vaultId, version: 1, category: null } });
      expect(created.text).not.toContain('correct horse');
      const unsealed = await unseal(created.body.id as string);
      expect(unsealed).toMatchObject({ status: 200, body: { id: created.body.id, kind: 'account', name: 'Robot', vaultId, version: 1 } });
      expect(unsealed.body.payload).toEqual(payload);
      expect(unsealed.headers.get('cache-control')).toBe('no-store');
    });

    test('an item lives through its versions, and nothing but unseal ever answers a payload', async () => {
      const vaultId = vaults[strategy];
      const item = { kind: 'secret', category: 'ssh_key', name: 'Bastion', vaultId };
      const first = await acme.call('POST', '/items', { ...item, payload: { key: 'first-payload' } });
      const id = first.body.id as string;
      const second = await acme.call('PUT', `/items/${id}`, { payload: { key: 'second-payload' } });
      expect(second).toMatchObject({ status: 200, body: { ...item, id, version: 2, createdAt: first.body.createdAt } });
      const third = await acme.call('PUT', `/items/${id}`, { name: 'Gate', category: 'server', payload: { key: 'third-payload' } });
      expect(third).toMatchObject({ status: 200, body: { id, name: 'Gate', category: 'server', version: 3 } });
      const one = await acme.call('GET', `/items/${id}`);
      expect(one.body).toEqual(third.body);
      const versions = await acme.call('GET', `/items/${id}/versions`);
      expect(versions.body).toMatchObject({
        data: [
          { version: 3, isCurrent: true, vaultId },
          { version: 2, isCurrent: false },
          { version: 1, isCurrent: false },
        ],
        nextCursor: null,
      });
      const list = await acme.call('GET', `/items?vaultId=${vaultId ?? ''}`);
      expect(list.body.data[0]).toEqual(third.body);

      expect((await unseal(id)).body).toMatchObject({ version: 3, name: 'Gate', payload: { key: 'third-payload' } });
      expect((await unseal(id, { version: 1 })).body).toMatchObject({ version: 1, payload: { key: 'first-payload' } });
      expect((await unseal(id, { version: 2 })).body).toMatchObject({ version: 2, payload: { key: 'second-payload' } });
      expect(await unseal(id, { version: 4 })).toMatchObject(problem(404, 'item_version_not_found'));

      const gone = await acme.call('DELETE', `/items/${id}`);
      expect(gone).toMatchObject({ status: 204, text: '' });
      for (const { text } of [first, second, third, one, versions, list]) expect(text).not.toMatch(/-payload/);
    });

    test('a deleted item is absent everywhere', async () => {
      const id = await sealed({ a: 1 });
      await acme.call('DELETE', `/items/${id}`);
      const routes = [
        ['GET', ''],
        ['PUT', '', { payload: {} }],
        ['DELETE', ''],
        ['GET', '/versions'],
        ['GET', '/export'],
        ['POST', '/unseal'],
      ] as const;
      for (const [method, below, body] of routes)
        expect(await acme.call(method, `/items/${id}${below}`, body)).toMatchObject(problem(404, 'item_not_found'));
      expect((await acme.call('GET', '/items')).text).not.toContain(id);
    });

    test.each<[string, object]>([
      ['nothing', {}],
      ['empty names and values', { '': '', a: {}, b: [], c: null }],
      ['names of methods', { toString: 'own', hasOwnProperty: 1, valueOf: { toJSON: 'x' }, prototype: [], then: true, length: 0 }],
      ['names of our own fields', { payload: { payload: 1 }, version: -1, id: 'x', vaultId: null, entries: [] }],
      ['names that are numbers', { 10: 'ten', 9: 'nine', '-1': 'minus', '01': 'padded' }],
      ['the edges of numbers', { list: [0, -1.5, 1e21, 5e-324, 1.7976931348623157e308, 9_007_199_254_740_991, 0.1, 1e-7] }],
      [
        'every plane of Unicode',
        { 'ключ 鍵 🔑': 'ü\u0308 \u202e\u2066 𝄞 \u{10ffff} \ufeff \u2028\u2029 \ufdd0', a: '\u0000\u001f\u007f"\\/\b\f\n\r\t' },
      ],
      ['long lists', { list: Array.from({ length: 20_000 }, (_, i) => i) }],
      ['many names', Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`name ${i}`, { i }]))],
      ['what looks like a script', { html: '</script><script>alert(1)</script>', sql: "'; DROP TABLE items; --", log: '${jndi:ldap://x}' }],
    ])('a payload with %s comes back to the letter', async (_what, payload) => {
      const { status, body } = await unseal(await sealed(payload));
      expect(status).toBe(200);
      expect(JSON.stringify(body.payload)).toBe(JSON.stringify(payload));
    });

    test('a body of 32 levels is kept whole, and one of 33 is refused whole', async () => {
      const levels = (count: number): object => (count === 0 ? {} : { in: levels(count - 1) });
      const deepest = levels(30); // the body itself and the payload's own level are two
      expect((await unseal(await sealed(deepest))).body.payload).toEqual(deepest);
      const refused = await acme.call('POST', '/items', { kind: 'secret', name: 'n', vaultId: vaults[strategy], payload: levels(31) });
      expect(refused).toMatchObject(problem(400, 'malformed_json'));
    });

    test('a payload of exactly 1 MiB is sealed, and one byte more is not', async () => {
      const ofBytes = (bytes: number) => ({ v: 'x'.repeat(bytes - '{"v":""}'.length) });
      const id = await sealed(ofBytes(MIB));
      expect((await unseal(id)).body.payload).toEqual(ofBytes(MIB));
      const larger = { kind: 'secret', name: 'n', vaultId: vaults[strategy], payload: ofBytes(MIB + 1) };
      expect(await acme.call('POST', '/items', larger)).toMatchObject(problem(413, 'payload_too_large'));
      expect(await acme.call('PUT', `/items/${id}`, { payload: ofBytes(MIB + 1) })).toMatchObject(problem(413, 'payload_too_large'));
      expect(await acme.call('GET', `/items/${id}`)).toMatchObject({ body: { version: 1 } });
    }, 20_000);

    test('bytes are counted as UTF-8, not as they were escaped on the way', async () => {
      const payload = { v: '\u00fc'.repeat(200_000) };
      const escaped = JSON.stringify({ kind: 'secret', name: 'n', vaultId: vaults[strategy], payload }).replaceAll('\u00fc', '\\u00fc');
      const headers = { authorization: `Bearer ${acme.token}`, 'content-type': 'application/json' };
      const created = await fetch(`${keyhold.url}/v1/workspaces/${acme.id}/items`, { method: 'POST', headers, body: escaped });
      expect({ sent: escaped.length > MIB, status: created.status }).toEqual({ sent: true, status: 201 });
      expect((await unseal(((await created.json()) as { id: string }).id)).body.payload).toEqual(payload);
    });

    test('twenty new versions at once: each is stored whole or refused, without gaps or doubles', async () => {
      const id = await sealed({ writer: 'first' });
      const writers = Array.from({ length: 20 }, (_, writer) => ({ writer }));
      const answers = await Promise.all(writers.map((payload) => acme.call('PUT', `/items/${id}`, { payload })));
      const stored = answers.flatMap(({ status, body }, writer) => (status === 200 ? [{ version: body.version as number, writer }] : []));
      for (const answer of answers.filter(({ status }) => status !== 200))
        expect(answer).toMatchObject(problem(409, 'item_version_conflict'));
      stored.sort((a, b) => a.version - b.version);
      expect(stored.map(({ version }) => version)).toEqual(stored.map((_, place) => place + 2));
      expect((await acme.call('GET', `/items/${id}`)).body.version).toBe(stored.length + 1);
      for (const { version, writer } of stored) expect((await unseal(id, { version })).body.payload).toEqual({ writer });
    });

    test('new versions while the item is deleted find an item or none', async () => {
      const id = await sealed({ a: 1 });
      const put = () => acme.call('PUT', `/items/${id}`, { payload: { a: 2 } });
      const answers = await Promise.all([
        put(),
        put(),
        acme.call('DELETE', `/items/${id}`),
        put(),
        put(),
        acme.call('DELETE', `/items/${id}`),
      ]);
      for (const { status } of answers) expect([200, 204, 404, 409]).toContain(status);
      expect(answers.map(({ status }) => status)).toContain(204);
      expect(await acme.call('GET', `/items/${id}`)).toMatchObject(problem(404, 'item_not_found'));
      expect(await keyhold.database.asAdmin('SELECT 1 FROM item_versions WHERE item_id = $1', [id])).toEqual([]);
    });
  });

  describe('a new item', () => {
    const post = (body: object) => acme.call('POST', '/items', { kind: 'secret', name: 'n', payload: { a: 1 }, ...body });

    test('goes to the default vault when none is named', async () => {
      const own = await keyhold.aWorkspace();
      const vaultOf = async (body: object) =>
        (await own.call('POST', '/items', { kind: 'secret', name: 'n', payload: {}, ...body })).body.vaultId as string;
      expect(await vaultOf({})).toBe(own.defaultVaultId);
      expect(await vaultOf({ vaultId: null })).toBe(own.defaultVaultId);
      const other = await aDefaultVault(own);
      expect(await vaultOf({})).toBe(own.defaultVaultId);
      await own.call('POST', `/vaults/${other}/default`);
      expect(await vaultOf({})).toBe(other);
      expect(await vaultOf({ vaultId: own.defaultVaultId })).toBe(own.defaultVaultId);
      const third = await aDefaultVault(own, { name: 'Third', setAsDefault: true });
      expect(await vaultOf({})).toBe(third);
    });

    test('goes to no vault of another workspace, nor to one that is not there', async () => {
      for (const vaultId of [globex.defaultVaultId, randomUUID()])
        expect(await post({ vaultId })).toMatchObject(problem(404, 'vault_not_found'));
    });

    test.each([
      "Robert'); DROP TABLE items; --",
      '<img src=x onerror=alert(1)>',
      '../../../etc/passwd',
      '%00%0a {{7*7}} ${7*7} #{7*7}',
      '\u202egnp.exe \u200b\u2066',
      'null',
      '__proto__',
      '🔑'.repeat(127),
      ' kept as typed ',
    ])('may be called %j, and is called so everywhere', async (name) => {
      const id = await anItem(acme, { a: 1 }, { name });
      expect((await acme.call('GET', `/items/${id}`)).body.name).toBe(name);
      expect((await unseal(id)).body.name).toBe(name);
    });

    test.each([
      ['no name', { name: undefined }, 'name'],
      ['an empty name', { name: '' }, 'name'],
      ['a name of blanks', { name: ' \u2003 ' }, 'name'],
      ['a name with a line end', { name: 'a\nb' }, 'name'],
      ['a name of 256 characters', { name: 'x'.repeat(256) }, 'name'],
      ['no kind', { kind: undefined }, 'kind'],
      ['an unknown category', { category: 'nuclear' }, 'category'],
      ['a payload of null', { payload: null }, 'payload'],
      ['a field of ours', { version: 3 }, 'version'],
      ['an id of its own', { id: randomUUID() }, 'id'],
      ['a workspace', { workspaceId: randomUUID() }, 'workspaceId'],
      ['a list of vaults', { vaultId: [randomUUID()] }, 'vaultId'],
    ])('may not have %s', async (_what, body, field) => {
      const refused = await post(body);
      expect(refused).toMatchObject(problem(400, 'validation_failed'));
      expect((refused.body.errors as { field: string }[]).map((error) => error.field)).toEqual([field]);
    });

    test('has a category only when it is a secret', async () => {
      for (const category of ['text', 'wifi_password', 'ssh_key', 'database', 'server', 'software_license', 'custom'])
        expect(await post({ category })).toMatchObject({ status: 201, body: { kind: 'secret', category } });
      expect(await post({ category: null })).toMatchObject({ status: 201, body: { category: null } });
      expect(await post({ kind: 'account', category: 'text' })).toMatchObject(problem(400, 'category_not_possible'));
      const account = await anItem(acme, {}, { kind: 'account' });
      expect(await acme.call('PUT', `/items/${account}`, { category: 'text', payload: {} })).toMatchObject(
        problem(400, 'category_not_possible'),
      );
      expect(await acme.call('GET', `/items/${account}`)).toMatchObject({ body: { version: 1, category: null } });
    });

    test('keeps its kind and its vault', async () => {
      const id = await anItem(acme);
      for (const change of [{ kind: 'account' }, { vaultId: vaults['default'] }, { version: 7 }])
        expect(await acme.call('PUT', `/items/${id}`, { payload: {}, ...change })).toMatchObject(problem(400, 'validation_failed'));
    });
  });

  test.each([
    ['GET', ''],
    ['PUT', ''],
    ['DELETE', ''],
    ['GET', '/versions'],
    ['GET', '/export'],
    ['POST', '/unseal'],
  ])('%s /items/…%s answers foreign, absent and malformed ids alike, byte for byte', async (method, below) => {
    const foreign = await anItem(globex);
    const ids = [foreign, randomUUID(), foreign.toUpperCase(), '00000000-0000-0000-0000-000000000000', 'nonsense', `${foreign}%00`, '%27'];
    const answers = await Promise.all(
      ids.map((id) => acme.call(method, `/items/${id}${below}`, method === 'PUT' ? { payload: {} } : undefined)),
    );
    const texts = answers.map(({ text }) => text.replace(/"requestId":"[^"]+"/, ''));
    expect(new Set(texts).size).toBe(1);
    expect(answers[0]).toMatchObject(problem(404, 'item_not_found'));
    expect((await globex.call('GET', `/items/${foreign}`)).body.version).toBe(1);
  });

  test.each([{ version: 0 }, { version: -1 }, { version: 1.5 }, { version: '1' }, { version: 2 ** 31 }, { versions: 1 }, []])(
    'unsealing takes no %j',
    async (body) => {
      expect(await unseal(await anItem(acme), body)).toMatchObject(problem(400, 'validation_failed'));
    },
  );

  test('nothing of all this was a fault of the service', () => {
    expect(keyhold.log()).not.toContain('"code":"internal"');
  });
});
