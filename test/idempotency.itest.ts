import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { ACTS, type ActWorld, anActWorld } from './harness/acts.js';
import { aClient } from './harness/client.js';
import { type Keyhold, startKeyhold } from './harness/service.js';

jest.setTimeout(60_000);

const AT_ONCE = 20;
const WRITES = ACTS.filter(({ isWrite }) => isWrite).map((act) => ({ ...act }));
const TABLES = [
  'workspaces',
  'api_keys',
  'members',
  'sessions',
  'groups',
  'group_members',
  'identity_providers',
  'boxes',
  'box_grants',
  'setup_links',
  'setup_proposals',
  'vaults',
  'vault_keys',
  'data_keys',
  'data_key_wraps',
  'managed_keys',
  'data_key_purges',
  'data_key_purge_receipts',
  'items',
  'item_versions',
  'audit_events',
  'idempotency_records',
  'jobs',
  'webhook_endpoints',
  'alert_settings',
  'alert_deliveries',
];

describe('every write under an Idempotency-Key', () => {
  let keyhold: Keyhold;
  let acme: ActWorld;
  let globex: ActWorld;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    [acme, globex] = await Promise.all([anActWorld(keyhold), anActWorld(keyhold)]);
  });
  afterAll(() => keyhold.stop());

  const under = (key: string) => ({ 'idempotency-key': key });
  const contents = () =>
    Promise.all(TABLES.map((table) => keyhold.database.asAdmin(`SELECT md5(string_agg(row, ' ' ORDER BY row)) FROM (${rowsOf(table)}) r`)));
  /** When a key was last used is written in the background, whoever's key it is. */
  const rowsOf = (table: string) => `SELECT (to_jsonb(t) - 'last_used_at')::text AS row FROM ${table} t`;
  const countOf = async (table: string, where = 'true', values: unknown[] = []): Promise<number> =>
    (await keyhold.database.asAdmin<{ count: number }>(`SELECT count(*)::integer AS count FROM ${table} WHERE ${where}`, values))[0]
      ?.count ?? -1;

  test('is every operation that the document says heeds one', async () => {
    const { body } = await keyhold.operator('GET', '/v1/openapi.json');
    type Operation = { operationId: string; parameters?: { name: string }[] };
    const heeding = Object.values(body.paths as Record<string, Record<string, Operation>>)
      .flatMap((methods) => Object.values(methods))
      .filter(({ parameters = [] }) => parameters.some(({ name }) => name === 'Idempotency-Key'));
    expect(new Set(WRITES.map(({ operationId }) => operationId))).toEqual(new Set(heeding.map(({ operationId }) => operationId)));
  });

  describe.each(WRITES.filter(({ isOnce }) => !isOnce))('$name', ({ prepare, events = 1 }) => {
    test('acts once, and a repeat gets the same answer and leaves nothing', async () => {
      const [send, key] = [await prepare(acme), randomUUID()];
      const first = await send(under(key));
      expect(first.status).toBeLessThan(300);
      expect(first.headers.get('idempotent-replayed')).toBeNull();
      const after = await contents();
      for (let i = 0; i < 3; i += 1) {
        const repeat = await send(under(key));
        expect({ status: repeat.status, text: repeat.text }).toEqual({ status: first.status, text: first.text });
        expect(repeat.headers.get('content-type')).toBe(first.headers.get('content-type'));
        expect(repeat.headers.get('idempotent-replayed')).toBe('true');
      }
      expect(await contents()).toEqual(after);
    });

    test('acts once when twenty come at the same time, and all get the same answer', async () => {
      const [send, key] = [await prepare(acme), randomUUID()];
      const before = await countOf('audit_events');
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => send(under(key))));
      expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
      expect(answers[0]?.status).toBeLessThan(300);
      expect(await countOf('audit_events')).toBe(before + events);
      expect(await countOf('idempotency_records', 'idempotency_key = $1', [key])).toBe(1);
    });

    test('is another act for another request, for another workspace, and under another key', async () => {
      const [one, other, elsewhere] = [await prepare(acme), await prepare(acme), await prepare(globex)];
      const key = randomUUID();
      const first = await one(under(key));
      const again = await other(under(key));
      if (again.headers.get('idempotent-replayed') === null)
        expect(again).toMatchObject({ status: 409, body: { code: 'idempotency_key_reused' } });
      else expect(again.text).toBe(first.text); // of the acts that need no body, two on one vault are one request
      const separate = await other(under(randomUUID()));
      expect({ status: separate.status, replayed: separate.headers.get('idempotent-replayed') }).toEqual({
        status: first.status,
        replayed: null,
      });
      if (prepare === ACTS[0]?.prepare) return; // the operator is in no workspace
      const there = await elsewhere(under(key));
      expect({ status: there.status, replayed: there.headers.get('idempotent-replayed') }).toEqual({
        status: first.status,
        replayed: null,
      });
    });
  });

  test('one workspace is made by twenty requests at once, and its one token works', async () => {
    const key = randomUUID();
    const create = () => keyhold.operator('POST', '/v1/workspaces', { name: 'Initech', ownerEmail: 'owner@initech.example' }, under(key));
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, create));
    answers.push(await create());
    const [{ id, apiKey }] = answers.map(({ body }) => body as { id: string; apiKey: string }) as [{ id: string; apiKey: string }];
    for (const { body } of answers) expect(body).toMatchObject({ id, apiKey });
    const owner = aClient(`${keyhold.url}/v1/workspaces/${id}`, apiKey);
    expect(await owner('GET', '/vaults')).toMatchObject({ status: 200 });
    expect(await countOf('api_keys', 'workspace_id = $1', [id])).toBe(1);
    expect(await countOf('workspaces', `name = 'Initech'`)).toBe(1);
  });

  test('a vault that was named by the same request is no name that is taken', async () => {
    const body = { name: 'Twice', strategy: 'default' };
    const answers = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, i) => acme.workspace.call('POST', '/vaults', body, under(`twice-${i % 2}`))),
    );
    const [made, taken] = [answers.filter(({ status }) => status === 201), answers.filter(({ status }) => status === 409)];
    expect(made).toHaveLength(AT_ONCE / 2);
    expect(taken).toHaveLength(AT_ONCE / 2);
    expect(new Set(made.map(({ text }) => text)).size).toBe(1);
    for (const answer of taken) expect(answer.body.code).toBe('vault_name_taken');
  });

  test('the record tells nothing to those who read it, and nothing where it does not belong', async () => {
    const [key, other] = [randomUUID(), randomUUID()];
    const created = await keyhold.operator('POST', '/v1/workspaces', { name: 'Hooli', ownerEmail: 'owner@hooli.example' }, under(key));
    const { id, apiKey } = created.body as { id: string; apiKey: string };
    const rows = await keyhold.database.asAdmin<{ sealed_result: Buffer; text: string }>(
      'SELECT sealed_result, r::text AS text FROM idempotency_records r WHERE workspace_id = $1',
      [id],
    );
    expect(rows).toHaveLength(1);
    for (const secret of [apiKey, apiKey.slice(-43), 'Hooli', 'apiKey'])
      for (const shape of [secret, Buffer.from(secret).toString('hex')]) {
        expect(rows[0]?.text).not.toContain(shape);
        expect(rows[0]?.sealed_result.includes(shape)).toBe(false);
      }
    await acme.workspace.call('PATCH', `/vaults/${acme.vaultId}`, { name: 'One' }, under(key));
    await acme.workspace.call('PATCH', `/vaults/${acme.vaultId}`, { name: 'Two' }, under(other));
    await keyhold.database.asAdmin(
      `UPDATE idempotency_records SET sealed_result = (SELECT sealed_result FROM idempotency_records WHERE idempotency_key = $1)
       WHERE idempotency_key = $2`,
      [other, key],
    );
    expect(await acme.workspace.call('PATCH', `/vaults/${acme.vaultId}`, { name: 'One' }, under(key))).toMatchObject({ status: 422 });
  });
});
