import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { DisableKeyCommand } from '@aws-sdk/client-kms';
import { aClient } from '../harness/client.js';
import { type Customer, REGIONS } from '../harness/customer.js';
import { eventually } from '../harness/eventually.js';
import { freePort } from '../harness/free-port.js';
import { anItem } from '../harness/item.js';
import { aJob } from '../harness/job.js';
import { Needles } from '../harness/needles.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';
import { aDefaultVault, anAwsKmsVault } from '../harness/vault.js';

jest.setTimeout(90_000);

describe('metrics', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  let customer: Customer;
  let itemId: string;
  let own: string;
  let ofWorker: string;
  const needles = new Needles();
  const aSecret = (name: string): string => {
    const secret = randomBytes(30).toString('base64url');
    needles.add(name, Buffer.from(secret));
    return secret;
  };

  beforeAll(async () => {
    const [port, workerPort] = [await freePort(), await freePort()];
    keyhold = await startKeyhold({ env: { KEYHOLD_METRICS_PORT: String(port) } });
    await keyhold.aWorker({ env: { KEYHOLD_METRICS_PORT: String(workerPort) } });
    own = `http://127.0.0.1:${port}`;
    ofWorker = `http://127.0.0.1:${workerPort}`;
    acme = await keyhold.aWorkspace(aSecret('name of the workspace'));
    const made = await anAwsKmsVault(keyhold, acme, { name: aSecret('name of the vault'), dataKeyCacheSeconds: 60 });
    customer = made.customer;
    itemId = await anItem(acme, { password: aSecret('payload') }, { vaultId: made.vaultId });
    for (const [name, id] of Object.entries({ workspace: acme.id, vault: made.vaultId, item: itemId, key: customer.keyId }))
      needles.add(`id of the ${name}`, Buffer.from(id));
    needles.add('token', Buffer.from(acme.token.slice(-40)));
    needles.add('root key', keyhold.rootKey);
    needles.add('account', Buffer.from(`${customer.accountId} padded`).subarray(0, 12));
  });
  afterAll(() => keyhold.stop());

  const scraped = async (origin: string): Promise<string> => (await aClient(origin)('GET', '/metrics')).text;
  /** The value of the one series with this name and these labels, in any order; 0 while there is none. */
  async function value(origin: string, name: string, labels: Record<string, string>): Promise<number> {
    const wanted = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
    const lines = (await scraped(origin)).split('\n').filter((line) => line.startsWith(`${name}{`));
    const fitting = lines.filter((line) => wanted.every((label) => line.includes(label)));
    return fitting.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }
  const unseal = (): Promise<{ status: number }> => acme.call('POST', `/items/${itemId}/unseal`);

  test('are told on a port of their own and nowhere that the public reaches', async () => {
    const answer = await aClient(own)('GET', '/metrics');
    expect({ status: answer.status, type: answer.headers.get('content-type') }).toEqual({
      status: 200,
      type: expect.stringContaining('text/plain'),
    });
    expect((await aClient(keyhold.url)('GET', '/metrics')).status).toBe(404);
    expect((await aClient(own)('POST', '/metrics')).status).toBe(404);
    expect((await aClient(own)('GET', '/v1/workspaces')).status).toBe(404);
  });

  test('count requests by route as declared and class of status', async () => {
    const route = { method: 'POST', route: '/v1/workspaces/:workspaceId/items/:itemId/unseal', status: '2xx' };
    const before = await value(own, 'keyhold_http_request_seconds_count', route);
    await unseal();
    expect(await value(own, 'keyhold_http_request_seconds_count', route)).toBe(before + 1);
    await acme.call('GET', `/nowhere/${aSecret('path')}`);
    expect(await value(own, 'keyhold_http_request_seconds_count', { route: 'none', status: '4xx' })).toBeGreaterThan(0);
  });

  test('count looks for data keys, uses of vault keys, and requests to AWS by Region', async () => {
    const hits = () => value(own, 'keyhold_data_key_lookups_total', { result: 'hit' });
    const before = await hits();
    await unseal();
    expect(await hits()).toBe(before + 1);
    const port = await freePort();
    const cold = await keyhold.anotherNode({ KEYHOLD_METRICS_PORT: String(port) });
    expect((await aClient(`${cold.url}/v1/workspaces/${acme.id}`, acme.token)('POST', `/items/${itemId}/unseal`)).status).toBe(200);
    const ofCold = `http://127.0.0.1:${port}`;
    expect(await value(ofCold, 'keyhold_data_key_lookups_total', { result: 'miss' })).toBe(1);
    expect(await value(ofCold, 'keyhold_data_key_unwraps_total', { strategy: 'aws-kms', outcome: 'ok' })).toBe(1);
    expect(await value(own, 'keyhold_data_key_wraps_total', { strategy: 'aws-kms', outcome: 'ok' })).toBe(1);
    expect(
      await value(own, 'keyhold_aws_call_seconds_count', { operation: 'Encrypt', region: REGIONS.main, outcome: 'ok' }),
    ).toBeGreaterThan(0);
    expect(await value(own, 'keyhold_aws_call_seconds_count', { service: 'sts', operation: 'AssumeRole' })).toBeGreaterThan(0);
  });

  test('count what another Region answered, and what owners refused, by cause', async () => {
    const { vaultId } = await anAwsKmsVault(keyhold, acme, { name: aSecret('another vault'), dataKeyCacheSeconds: 0 });
    const id = await anItem(acme, { password: 'x' }, { vaultId });
    const lift = await keyhold.sandbox.control.fault({ service: 'kms', region: REGIONS.main, fault: { kind: 'reset' } });
    expect((await acme.call('POST', `/items/${id}/unseal`)).status).toBe(200);
    await lift();
    expect(await value(own, 'keyhold_region_fallbacks_total', { from: REGIONS.main, to: REGIONS.replica })).toBeGreaterThan(0);

    const refusing = await anAwsKmsVault(keyhold, acme, { name: aSecret('a third vault'), dataKeyCacheSeconds: 0 });
    const kept = await anItem(acme, { password: 'x' }, { vaultId: refusing.vaultId });
    await refusing.customer.kms(REGIONS.main).send(new DisableKeyCommand({ KeyId: refusing.customer.keyId }));
    expect((await acme.call('POST', `/items/${kept}/unseal`)).status).toBeGreaterThanOrEqual(400);
    expect(await value(own, 'keyhold_vault_key_refusals_total', { strategy: 'aws-kms', cause: 'key_disabled' })).toBe(1);
    expect(await value(own, 'keyhold_data_key_unwraps_total', { outcome: 'refused' })).toBe(1);
    expect(await value(ofWorker, 'keyhold_vault_keys', { strategy: 'aws-kms', health: 'refused' })).toBe(1);
    expect(await value(ofWorker, 'keyhold_vault_keys', { strategy: 'default', health: 'healthy' })).toBe(1);
  });

  test('tell how far jobs are, and how many came to which end', async () => {
    const vaultId = await aDefaultVault(acme, { name: aSecret('a vault that moves') });
    const { body } = await acme.call('POST', `/vaults/${vaultId}/rekey`, { strategy: 'default' });
    const jobOf = async () => (await acme.call('GET', `/jobs/${body.job.id as string}`)).body as { state: string };
    await eventually(jobOf, ({ state }) => state === 'completed');
    await eventually(
      () => value(ofWorker, 'keyhold_jobs_ended_total', { kind: 'vault.rekey', state: 'completed' }),
      (ended) => ended === 1,
    );
    const waiting = await aJob(keyhold, acme.id);
    await keyhold.database.asAdmin('UPDATE jobs SET total = 10, done = 4, failed = 1 WHERE job_id = $1', [waiting]);
    await acme.call('POST', `/jobs/${waiting}/pause`);
    const port = await freePort();
    await keyhold.aWorker({ env: { KEYHOLD_METRICS_PORT: String(port) } });
    const counted = await Promise.all(
      [
        ['keyhold_jobs', { kind: 'test.count', state: 'paused' }] as const,
        ...['total', 'done', 'failed'].map((part) => ['keyhold_job_steps', { kind: 'test.count', part }] as const),
      ].map(([name, labels]) => value(`http://127.0.0.1:${port}`, name, labels)),
    );
    expect(counted).toEqual([1, 10, 4, 1]); // those who look at the same moment, too
  });

  test('name nobody and nothing: no id, no name, no secret', async () => {
    await acme.call('GET', `/items?limit=${aSecret('query')}`, undefined, { 'user-agent': aSecret('agent'), cookie: aSecret('cookie') });
    await aClient(`${keyhold.url}/v1/workspaces/${acme.id}`, aSecret('wrong token'))('GET', '/items');
    await oddMethod(`${keyhold.url}/${aSecret('odd path')}`);
    expect(needles.in((await scraped(own)) + (await scraped(ofWorker)))).toEqual([]);
  });
});

function oddMethod(url: string): Promise<unknown> {
  return new Promise((resolve) => {
    request(url, { method: 'PROPFIND' }, (response) => response.resume().once('end', resolve)).end();
  });
}
