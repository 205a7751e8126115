import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Keyhold, type Workspace, startKeyhold } from './harness/service.js';
import { aDefaultVault, anAwsKmsVault } from './harness/vault.js';

jest.setTimeout(60_000);

interface Entry {
  ok: boolean;
  sealed?: string;
  payload?: unknown;
  error?: { code: string; status: number; requestId: string };
}

const MIB = 1024 * 1024;
const BATCH = 1_000;
const ITEMS_PER_DATA_KEY = 300;

describe('sealing for callers who keep what is sealed', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  let globex: Workspace;
  const vaults: Record<string, string> = {};

  beforeAll(async () => {
    keyhold = await startKeyhold();
    [acme, globex] = await Promise.all([keyhold.aWorkspace('Acme'), keyhold.aWorkspace('Globex')]);
    vaults['default'] = await aDefaultVault(acme, { itemsPerDataKey: ITEMS_PER_DATA_KEY });
    vaults['aws-kms'] = (await anAwsKmsVault(keyhold, acme, { itemsPerDataKey: ITEMS_PER_DATA_KEY })).vaultId;
  });
  afterAll(() => keyhold.stop());

  const problem = (status: number, code: string) => ({ status, body: { status, code } });
  const numbered = (count: number) => Array.from({ length: count }, (_, i) => ({ context: `orders/${i}`, payload: { i } }));
  const notIntact = { ok: false, error: { code: 'sealed_data_not_intact', status: 422 } };

  async function sealAll(entries: object[], vaultId?: string, workspace = acme): Promise<Entry[]> {
    const { status, body, text } = await workspace.call('POST', '/seal', { vaultId, entries });
    if (status !== 200) throw new Error(`${status} ${text}`);
    return body.results as Entry[];
  }
  async function unsealAll(entries: object[], workspace = acme): Promise<Entry[]> {
    const { status, body, text } = await workspace.call('POST', '/unseal', { entries });
    if (status !== 200) throw new Error(`${status} ${text}`);
    return body.results as Entry[];
  }
  async function aToken(payload: object = { a: 1 }, context = 'c', vaultId?: string, workspace = acme): Promise<string> {
    return (await workspace.call('POST', '/seal', { context, payload, vaultId })).body.sealed as string;
  }
  const eventsOf = (requestId: string | null, type: string) =>
    keyhold.database.asAdmin<{ vault_id: string | null; details: Record<string, unknown>; region: string | null }>(
      `SELECT vault_id, details, region FROM audit_events WHERE request_id = $1 AND type = $2 ORDER BY at, event_id`,
      [requestId, type],
    );

  describe.each(['default', 'aws-kms'])('in a vault of the strategy %s', (strategy) => {
    test('one thing comes back as it was sealed, and nothing of it is stored', async () => {
      const payload = { iban: 'DE02120300000000202051', nested: { list: [null, 'ü'] }, toString: 'own' };
      const sealed = await acme.call('POST', '/seal', { vaultId: vaults[strategy], context: 'customers/4711', payload });
      expect(sealed).toMatchObject({
        status: 200,
        body: { vaultId: vaults[strategy], sealed: expect.stringMatching(/^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/) },
      });
      const opened = await acme.call('POST', '/unseal', { context: 'customers/4711', sealed: sealed.body.sealed as string });
      expect(opened).toMatchObject({ status: 200 });
      expect(JSON.stringify(opened.body)).toBe(JSON.stringify({ payload }));
      const [{ count } = { count: -1 }] = await keyhold.database.asAdmin<{ count: number }>(
        'SELECT count(*)::integer AS count FROM item_versions WHERE vault_id = $1',
        [vaults[strategy]],
      );
      expect(count).toBe(0);
    });

    test('a thousand go through as many data keys as that takes, in order, each with its event', async () => {
      const entries = numbered(BATCH);
      const sealed = await acme.call('POST', '/seal', { vaultId: vaults[strategy], entries });
      const results = sealed.body.results as Entry[];
      expect(results).toHaveLength(BATCH);
      const dataKeys = new Set(results.map((result) => dataKeyOf(result.sealed ?? '')));
      expect(dataKeys.size).toBeGreaterThanOrEqual(Math.ceil(BATCH / ITEMS_PER_DATA_KEY));

      const again = results.map(({ sealed }, i) => ({ context: `orders/${i}`, sealed }));
      const opened = await acme.call('POST', '/unseal', { entries: again });
      expect(opened.body.results).toEqual(entries.map(({ payload }) => ({ ok: true, payload })));

      const [sealEvents, openEvents] = await Promise.all([
        eventsOf(sealed.headers.get('x-request-id'), 'data.sealed'),
        eventsOf(opened.headers.get('x-request-id'), 'data.unsealed'),
      ]);
      for (const events of [sealEvents, openEvents]) {
        expect(events.map(({ details }) => details['context'])).toEqual(entries.map(({ context }) => context));
        expect(new Set(events.map(({ vault_id }) => vault_id))).toEqual(new Set([vaults[strategy]]));
        expect(new Set(events.map(({ region }) => region))).toEqual(new Set([strategy === 'aws-kms' ? 'us-east-2' : null]));
      }
    });

    test('a restart later a thousand under many data keys still open, each key asked for once', async () => {
      const vaultId = await (strategy === 'default'
        ? aDefaultVault(acme, { name: 'Small keys', itemsPerDataKey: 8 })
        : anAwsKmsVault(keyhold, acme, { name: 'Small keys of a customer', itemsPerDataKey: 8 }).then((made) => made.vaultId));
      const entries = numbered(BATCH);
      const sealed = await sealAll(entries, vaultId);
      expect(new Set(sealed.map((result) => dataKeyOf(result.sealed ?? ''))).size).toBe(BATCH / 8);
      const { lastSeq } = await keyhold.sandbox.control.ledger();
      const restarted = await keyhold.anotherNode();
      const answer = await fetch(`${restarted.url}/v1/workspaces/${acme.id}/unseal`, {
        method: 'POST',
        headers: { authorization: `Bearer ${acme.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ entries: sealed.map((result, i) => ({ context: `orders/${i}`, sealed: result.sealed })) }),
      });
      const { results } = (await answer.json()) as { results: Entry[] };
      expect(results).toEqual(entries.map(({ payload }) => ({ ok: true, payload })));
      const { calls } = await keyhold.sandbox.control.ledger(lastSeq);
      expect(calls.filter(({ operation }) => operation === 'Decrypt')).toHaveLength(strategy === 'aws-kms' ? BATCH / 8 : 0);
      await restarted.stop();
    });
  });

  test('a batch opens across vaults, and each entry has its own outcome', async () => {
    const [first, second, foreign] = await Promise.all([
      aToken({ of: 'the root key' }, 'c', vaults['default']),
      aToken({ of: 'a customer' }, 'c', vaults['aws-kms']),
      aToken({ of: 'globex' }, 'c', undefined, globex),
    ]);
    const answer = await acme.call('POST', '/unseal', {
      entries: [
        { context: 'c', sealed: first },
        { context: 'another', sealed: first },
        { context: 'c', sealed: tampered(first) },
        { context: 'c', sealed: foreign },
        { context: 'c', sealed: 'garbage' },
        { context: 'c', sealed: second },
        { context: 'c', sealed: withVault(first, vaults['aws-kms'] ?? '') },
        { context: 'c', sealed: withDataKey(first, randomUUID()) },
      ],
    });
    const results = answer.body.results as Entry[];
    expect(results).toMatchObject([
      { ok: true, payload: { of: 'the root key' } },
      ...Array.from({ length: 4 }, () => notIntact),
      { ok: true, payload: { of: 'a customer' } },
      notIntact,
      notIntact,
    ]);
    const refusals = results.filter(({ ok }) => !ok).map(({ error }) => JSON.stringify(error));
    expect(new Set(refusals).size).toBe(1); // not a byte tells which check failed
    const requestId = answer.headers.get('x-request-id');
    expect(await eventsOf(requestId, 'data.unsealed')).toHaveLength(2);
    expect(await eventsOf(requestId, 'data.unseal.refused')).toHaveLength(6);
  });

  test('what is too large is refused alone, the rest is sealed', async () => {
    const large = { v: 'x'.repeat(MIB) };
    const results = await sealAll([
      { context: 'a', payload: { a: 1 } },
      { context: 'b', payload: large },
      { context: 'c', payload: { c: 1 } },
    ]);
    expect(results).toMatchObject([{ ok: true }, { ok: false, error: { code: 'payload_too_large', status: 413 } }, { ok: true }]);
    expect(await unsealAll([{ context: 'c', sealed: results[2]?.sealed }])).toEqual([{ ok: true, payload: { c: 1 } }]);
    expect(await sealAll([{ context: 'b', payload: large }])).toMatchObject([{ ok: false }]);
    expect(await acme.call('POST', '/seal', { context: 'b', payload: large })).toMatchObject(problem(413, 'payload_too_large'));
    const exactly = { v: 'x'.repeat(MIB - '{"v":""}'.length) };
    const sealed = await aToken(exactly);
    expect((await acme.call('POST', '/unseal', { context: 'c', sealed })).body.payload).toEqual(exactly);
  });

  test('a token opens nowhere else', async () => {
    const token = await aToken({ a: 1 }, 'mine', vaults['default']);
    const refused = problem(422, 'sealed_data_not_intact');
    const unseal = (workspace: Workspace, context: string, sealed = token) => workspace.call('POST', '/unseal', { context, sealed });
    expect(await unseal(acme, 'mine')).toMatchObject({ status: 200 });
    const elsewhere = [
      await unseal(globex, 'mine'),
      await unseal(acme, 'yours'),
      await unseal(acme, 'Mine'),
      await unseal(acme, 'mine '),
      await unseal(acme, 'mine', withVault(token, acme.defaultVaultId)),
      await unseal(acme, 'mine', withVault(token, globex.defaultVaultId)),
      await unseal(acme, 'mine', `${token}.`),
      await unseal(acme, 'mine', token.slice(0, -1)),
      await unseal(acme, 'mine', token.replace('..', '.A.')),
    ];
    for (const answer of elsewhere) expect(answer).toMatchObject(refused);
    const texts = elsewhere.map(({ text }) => text.replace(/"requestId":"[^"]+"/, ''));
    expect(new Set(texts).size).toBe(1);
  });

  test('no character of a token can be changed', async () => {
    const token = await aToken({ a: 1 });
    const other = (char: string) => (char === 'A' ? 'B' : 'A');
    const changed = Array.from(token, (char, at) => ({ context: 'c', sealed: token.slice(0, at) + other(char) + token.slice(at + 1) }));
    const results = await unsealAll(changed);
    expect(results).toHaveLength(token.length);
    expect(results.filter(({ ok }) => ok)).toEqual([]);
    expect(new Set(results.map(({ error }) => error?.code))).toEqual(new Set(['sealed_data_not_intact']));
  });

  test('two tokens of the same are not the same', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => aToken()));
    for (const part of [0, 2, 3, 4]) expect(new Set(tokens.map((token) => token.split('.')[part])).size).toBe(20);
  });

  test('a context is any text of 1 to 512 characters, and stands in the trail', async () => {
    for (const context of ['x', '𝄞'.repeat(256), '"},{"iid":"', "'; --", '\u202e', ' x ']) {
      const sealed = await aToken({ context }, context);
      const opened = await acme.call('POST', '/unseal', { context, sealed });
      expect(opened.body).toEqual({ payload: { context } });
      expect((await eventsOf(opened.headers.get('x-request-id'), 'data.unsealed'))[0]?.details).toMatchObject({ context });
    }
    for (const context of ['', ' ', 'x'.repeat(513), 'a\nb', 1, ['x'], null])
      expect(await acme.call('POST', '/seal', { context, payload: {} })).toMatchObject(problem(400, 'validation_failed'));
  });

  test.each<[string, object]>([
    ['nothing', {}],
    ['no entries', { entries: [] }],
    ['entries that are no list', { entries: { 0: { context: 'c', payload: {} } } }],
    ['an entry that is no object', { entries: ['c'] }],
    ['an entry of null', { entries: [null] }],
    ['both one thing and entries', { context: 'c', payload: {}, entries: numbered(1) }],
    ['half of one thing', { context: 'c' }],
    ['half of one thing and null', { context: 'c', payload: null }],
    ['nulls', { context: null, payload: null, entries: null, vaultId: null }],
    ['an entry with a vault', { entries: [{ context: 'c', payload: {}, vaultId: randomUUID() }] }],
    ['a thousand and one entries', { entries: numbered(BATCH + 1) }],
  ])('to seal %s is no request', async (_what, body) => {
    expect(await acme.call('POST', '/seal', body)).toMatchObject(problem(400, 'validation_failed'));
  });

  test.each<[string, object]>([
    ['nothing', {}],
    ['nulls', { context: null, sealed: null, entries: null }],
    ['half of one thing', { sealed: 'x' }],
    ['a token that is no text', { context: 'c', sealed: 1 }],
    ['an entry without a token', { entries: [{ context: 'c' }] }],
    ['a thousand and one entries', { entries: Array.from({ length: BATCH + 1 }, () => ({ context: 'c', sealed: 'x' })) }],
    ['a vault', { context: 'c', sealed: 'x', vaultId: randomUUID() }],
  ])('to unseal %s is no request', async (_what, body) => {
    expect(await acme.call('POST', '/unseal', body)).toMatchObject(problem(400, 'validation_failed'));
  });

  test('a vault of somebody else is no vault', async () => {
    for (const vaultId of [globex.defaultVaultId, randomUUID()])
      expect(await acme.call('POST', '/seal', { context: 'c', payload: {}, vaultId })).toMatchObject(problem(404, 'vault_not_found'));
  });

  test('nothing of all this was a fault of the service', () => {
    expect(keyhold.log()).not.toContain('"code":"internal"');
  });
});

interface Header {
  vid: string;
  dk: string;
}

const headerOf = (token: string): Header => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as Header;
const dataKeyOf = (token: string): string => headerOf(token).dk;

function withHeader(token: string, change: Partial<Header>): string {
  const header = Buffer.from(JSON.stringify({ ...headerOf(token), ...change })).toString('base64url');
  return [header, ...token.split('.').slice(1)].join('.');
}
const withVault = (token: string, vid: string): string => withHeader(token, { vid });
const withDataKey = (token: string, dk: string): string => withHeader(token, { dk });

function tampered(token: string): string {
  const parts = token.split('.');
  const bytes = Buffer.from(parts[3] ?? '', 'base64url');
  bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
  return parts.with(3, bytes.toString('base64url')).join('.');
}
