import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Answer } from './harness/client.js';
import type { Customer } from './harness/customer.js';
import { eventsOfAnswer } from './harness/events.js';
import { anItem } from './harness/item.js';
import { type Keyhold, type Workspace, startKeyhold } from './harness/service.js';
import { aDefaultVault, anAwsKmsVault } from './harness/vault.js';

jest.setTimeout(60_000);

let keyhold: Keyhold;
let acme: Workspace;
let globex: Workspace;
let vaultId: string;
let customer: Customer;

beforeAll(async () => {
  keyhold = await startKeyhold();
  [acme, globex] = await Promise.all([keyhold.aWorkspace('Acme'), keyhold.aWorkspace('Globex')]);
  ({ vaultId, customer } = await anAwsKmsVault(keyhold, acme));
}, 90_000);
afterAll(() => keyhold.stop());

const vaultOf = async (id: string, { call }: Workspace = acme): Promise<Record<string, unknown>> =>
  (await call('GET', `/vaults/${id}`)).body as Record<string, unknown>;

const problem = (status: number, code: string) => ({ status, body: { status, code } });

const defaults = async ({ call }: Workspace): Promise<string[]> =>
  ((await call('GET', '/vaults')).body.data as { id: string; isDefault: boolean }[])
    .filter(({ isDefault }) => isDefault)
    .map(({ id }) => id);

describe('a workspace’s default vault', () => {
  test('is the one it starts with, which needs nothing', async () => {
    expect(await defaults(globex)).toEqual([globex.defaultVaultId]);
    expect(await vaultOf(globex.defaultVaultId, globex)).toMatchObject({
      name: 'Cloud vault',
      strategy: 'default',
      status: 'active',
      keyHealth: 'healthy',
    });
  });

  test('is another one as soon as that is created as such, for new items that name none', async () => {
    const created = await globex.call('POST', '/vaults', { name: 'New default', strategy: 'default', setAsDefault: true });
    const { id } = created.body.vault as { id: string };
    expect(created).toMatchObject({ status: 201, body: { vault: { isDefault: true } } });
    expect(await defaults(globex)).toEqual([id]);
    const item = await globex.call('POST', '/items', { kind: 'secret', name: 'n', payload: {} });
    expect(item).toMatchObject({ status: 201, body: { vaultId: id } });
  });

  test('is another one by decision, and what was sealed stays where it is', async () => {
    const before = await anItem(acme);
    const chosen = await acme.call('POST', `/vaults/${vaultId}/default`);
    expect(chosen).toMatchObject({ status: 200, body: { id: vaultId, isDefault: true } });
    expect(await defaults(acme)).toEqual([vaultId]);
    const after = await acme.call('POST', '/items', { kind: 'secret', name: 'n', payload: {} });
    expect(after.body).toMatchObject({ vaultId });
    expect((await acme.call('GET', `/items/${before}`)).body).toMatchObject({ vaultId: acme.defaultVaultId });
    const [event, ...others] = await eventsOfAnswer(acme.call, chosen);
    expect(others).toEqual([]);
    expect(event).toMatchObject({ type: 'vault.default_changed', vaultId, details: { before: acme.defaultVaultId, after: vaultId } });
    await acme.call('POST', `/vaults/${acme.defaultVaultId}/default`);
  });

  test('is untouched by a vault that does not come to be', async () => {
    const before = await defaults(acme);
    const target = { ...customer.target, roleArn: `${customer.roleArn}-gone` };
    const refused = await acme.call('POST', '/vaults', { name: 'Never', strategy: 'aws-kms', awsKms: target, setAsDefault: true });
    expect(refused).toMatchObject(problem(422, 'vault_key_rejected'));
    expect(await defaults(acme)).toEqual(before);
  });
});

describe('a vault’s name and settings', () => {
  test('change as asked, and what is not named stays', async () => {
    const before = await vaultOf(vaultId);
    expect(before).toMatchObject({ name: 'Production', itemsPerDataKey: 1_000, dataKeyMaxAgeSeconds: 86_400, dataKeyCacheSeconds: 60 });
    const renamed = await acme.call('PATCH', `/vaults/${vaultId}`, { name: 'Live' });
    expect(renamed).toMatchObject({ status: 200, body: { ...before, name: 'Live', updatedAt: expect.any(String) } });
    const tuned = await acme.call('PATCH', `/vaults/${vaultId}`, { dataKeyCacheSeconds: 0, itemsPerDataKey: 1, dataKeyMaxAgeSeconds: 60 });
    expect(tuned.body).toMatchObject({ name: 'Live', dataKeyCacheSeconds: 0, itemsPerDataKey: 1, dataKeyMaxAgeSeconds: 60 });
    expect(await vaultOf(vaultId)).toEqual(tuned.body);
    expect(await eventsOfAnswer(acme.call, renamed)).toMatchObject([
      { type: 'vault.updated', vaultId, details: { before: { name: 'Production' }, after: { name: 'Live' } } },
    ]);
  });

  test.each([
    ['no items per data key', { itemsPerDataKey: 0 }],
    ['more items per data key than a key may protect', { itemsPerDataKey: 1_048_577 }],
    ['a cache that outlives five minutes', { dataKeyCacheSeconds: 301 }],
    ['a cache of negative age', { dataKeyCacheSeconds: -1 }],
    ['a data key that lives less than a minute', { dataKeyMaxAgeSeconds: 59 }],
    ['part of a second', { dataKeyCacheSeconds: 1.5 }],
    ['a number as text', { dataKeyCacheSeconds: '60' }],
    ['an empty name', { name: '' }],
    ['a name of 201 characters', { name: 'n'.repeat(201) }],
    ['another strategy', { strategy: 'default' }],
    ['another key', { awsKms: { accountId: '111122223333', keyId: 'x', roleArn: 'x' } }],
    ['a health of one’s own choosing', { keyHealth: 'healthy' }],
    ['a status of one’s own choosing', { status: 'active' }],
  ])('are refused: %s', async (_what, change) => {
    const before = await vaultOf(vaultId);
    expect(await acme.call('PATCH', `/vaults/${vaultId}`, change)).toMatchObject(problem(400, 'validation_failed'));
    expect(await vaultOf(vaultId)).toEqual(before);
  });

  test('keep names apart within a workspace, whatever their case, and not between workspaces', async () => {
    await aDefaultVault(acme, { name: 'Unique' });
    expect(await acme.call('POST', '/vaults', { name: 'UNIQUE', strategy: 'default' })).toMatchObject(problem(409, 'vault_name_taken'));
    expect(await acme.call('PATCH', `/vaults/${vaultId}`, { name: 'unique' })).toMatchObject(problem(409, 'vault_name_taken'));
    await aDefaultVault(globex, { name: 'Unique' });
  });

  test('cost no call to AWS when the name is taken', async () => {
    const again = { name: 'Unique', strategy: 'aws-kms', awsKms: customer.target };
    const { result, calls } = await keyhold.sandbox.control.callsDuring(() => acme.call('POST', '/vaults', again));
    expect(result).toMatchObject(problem(409, 'vault_name_taken'));
    expect(calls).toEqual([]);
  });
});

describe('creating a vault again', () => {
  test('under the same Idempotency-Key gives the same vault, and asks AWS nothing', async () => {
    const order = { name: 'Once', strategy: 'aws-kms', awsKms: customer.target };
    const headers = { 'idempotency-key': randomUUID() };
    const first = await acme.call('POST', '/vaults', order, headers);
    expect(first.status).toBe(201);
    const { result: second, calls } = await keyhold.sandbox.control.callsDuring(() => acme.call('POST', '/vaults', order, headers));
    expect([second.status, second.body]).toEqual([201, first.body]);
    expect(calls).toEqual([]);
  });

  test('under the same Idempotency-Key after a refusal tries anew: what is put right counts', async () => {
    const order = { name: 'Second try', strategy: 'aws-kms', awsKms: customer.target };
    const headers = { 'idempotency-key': randomUUID() };
    await customer.disableKey('us-east-2');
    expect(await acme.call('POST', '/vaults', order, headers)).toMatchObject(problem(422, 'vault_key_rejected'));
    await customer.enableKey('us-east-2');
    expect(await acme.call('POST', '/vaults', order, headers)).toMatchObject({ status: 201 });
  });
});

describe('a check on demand', () => {
  const withoutRequests = (checks: Record<string, unknown>[]) => checks.map((check) => ({ ...check, awsRequestId: undefined }));

  test('gives the report of the registration again, and is on record', async () => {
    const created = await acme.call('POST', '/vaults', { name: 'Checked', strategy: 'aws-kms', awsKms: customer.target });
    const { vault, report } = created.body as { vault: { id: string }; report: { checks: Record<string, unknown>[] } };
    const checked = await acme.call('POST', `/vaults/${vault.id}/verify`);
    expect(checked).toMatchObject({ status: 200, body: { ok: true, health: 'healthy' } });
    expect(withoutRequests(checked.body.checks as Record<string, unknown>[])).toEqual(withoutRequests(report.checks));
    expect(await eventsOfAnswer(acme.call, checked)).toMatchObject([
      { type: 'vault.key.validated', vaultId: vault.id, details: { health: 'healthy', failed: [] } },
    ]);
  });

  test('of a vault under the service’s own key opens what it wraps', async () => {
    expect(await acme.call('POST', `/vaults/${acme.defaultVaultId}/verify`)).toMatchObject({
      status: 200,
      body: { ok: true, health: 'healthy', checks: [{ check: 'root_key', ok: true }] },
    });
  });
});

describe('another workspace’s vault', () => {
  const routes: [string, (id: string) => [method: string, path: string, body?: object]][] = [
    ['reading it', (id) => ['GET', `/vaults/${id}`]],
    ['changing it', (id) => ['PATCH', `/vaults/${id}`, { name: 'Mine' }]],
    ['checking it', (id) => ['POST', `/vaults/${id}/verify`]],
    ['making it the default', (id) => ['POST', `/vaults/${id}/default`]],
    ['sealing an item into it', (id) => ['POST', '/items', { kind: 'secret', name: 'n', vaultId: id, payload: {} }]],
    ['sealing into it', (id) => ['POST', '/seal', { vaultId: id, context: 'c', payload: {} }]],
    ['listing its items', (id) => ['GET', `/items?vaultId=${id}`]],
    ['reading its trail', (id) => ['GET', `/audit-events?vaultId=${id}`]],
  ];

  test.each(routes)('is absent, byte for byte: %s', async (_what, route) => {
    const answers: Answer[] = [];
    const { calls } = await keyhold.sandbox.control.callsDuring(async () => {
      for (const id of [vaultId, randomUUID()]) answers.push(await globex.call(...route(id)));
    });
    const [foreign, absent] = answers.map(({ status, headers, text }) => ({
      status,
      headers: [...headers.keys()],
      text: text.replaceAll(headers.get('x-request-id') ?? '-', '<id>'),
    }));
    expect(foreign).toEqual(absent);
    expect(calls).toEqual([]);
  });

  test('is as it was after all that', async () => {
    expect(await vaultOf(vaultId)).toMatchObject({ name: 'Live', isDefault: false, keyHealth: 'healthy' });
    const { body } = await acme.call('GET', `/audit-events?vaultId=${vaultId}&limit=100`);
    expect(JSON.stringify(body)).not.toContain('Mine');
  });
});
