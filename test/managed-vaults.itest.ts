import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { aBox } from './harness/box.js';
import { type Answer, type Client, aClient } from './harness/client.js';
import { eventsOf } from './harness/events.js';
import { eventually } from './harness/eventually.js';
import { anItem } from './harness/item.js';
import type { SandboxCall } from './harness/sandbox.js';
import { type Keyhold, type Workspace, startKeyhold } from './harness/service.js';
import { aDefaultVault, aManagedVault, anAwsKmsVault } from './harness/vault.js';

jest.setTimeout(120_000);

const MAIN = 'us-east-2';
const REPLICA = 'us-west-2';

let keyhold: Keyhold;
let acme: Workspace;
let globex: Workspace;
/** Another node, which has nothing of what the first one has in memory. */
let there: Client;

beforeAll(async () => {
  keyhold = await startKeyhold();
  [acme, globex] = await Promise.all([keyhold.aWorkspace('Acme'), keyhold.aWorkspace('Globex')]);
  there = await aNode();
});
afterEach(async () => {
  await keyhold.sandbox.control.clearFaults();
  await keyhold.sandbox.control.clock({ transitionSeconds: 0 });
});
afterAll(() => keyhold.stop());

const aNode = async (): Promise<Client> => aClient(`${(await keyhold.anotherNode()).url}/v1/workspaces/${acme.id}`, acme.token);
const aName = (): string => `Managed ${randomUUID()}`;
const order = (name = aName()) => ({ name, strategy: 'managed' });
const idIn = ({ body }: Answer): string => (body as { vault: { id: string } }).vault.id;
const problem = (status: number, code: string) => ({ status, body: { code } });

const keyIdOf = async (vaultId: string): Promise<string> => {
  const { body } = await acme.call('GET', `/vaults/${vaultId}`);
  return /mrk-[0-9a-f]{32}/.exec((body as { managed: { keyArns: { main: string } } }).managed.keyArns.main)?.[0] ?? '';
};
const created = (calls: readonly SandboxCall[]) => calls.filter(({ operation }) => operation === 'CreateKey');
const scheduled = (calls: readonly SandboxCall[]) =>
  calls.filter(({ operation, outcome }) => operation === 'ScheduleKeyDeletion' && outcome === 'ok').map(({ region }) => region);
const typesOf = async (vaultId: string): Promise<string[]> => (await eventsOf(acme.call, { vaultId })).map(({ type }) => type);
const listed = async (): Promise<{ id: string; restorableUntil: string | null }[]> =>
  (await acme.call('GET', '/deleted-vaults?limit=100')).body.data as { id: string; restorableUntil: string | null }[];
const unsealedBy = async (node: Client, itemId: string) => (await node('POST', `/items/${itemId}/unseal`)).body as { payload: object };

/** The ledger has a call as soon as it arrives; there is nothing else to wait on in another process. */
async function untilCalled(operation: string, since: number): Promise<void> {
  for (;;) {
    const { calls } = await keyhold.sandbox.control.ledger(since);
    if (calls.some((call) => call.operation === operation)) return;
  }
}

describe('a vault under a key that the service makes', () => {
  let vaultId: string;
  let itemId: string;

  beforeAll(async () => {
    vaultId = await aManagedVault(acme, { dataKeyCacheSeconds: 0 });
    itemId = await anItem(acme, { password: 'correct horse' }, { vaultId });
  });

  test('is healthy from the start, and shows the ARNs of its key', async () => {
    const { body } = await acme.call('GET', `/vaults/${vaultId}`);
    const arn = (region: string) => expect.stringMatching(`^arn:aws:kms:${region}:${keyhold.platform.accountId}:key/mrk-[0-9a-f]{32}$`);
    expect(body).toMatchObject({
      strategy: 'managed',
      keyHealth: 'healthy',
      managed: { keyArns: { main: arn(MAIN), replica: arn(REPLICA) }, publicKeyFingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(body).not.toHaveProperty('awsKms');
  });

  test('has a key of its own', async () => {
    expect(await keyIdOf(await aManagedVault(acme))).not.toBe(await keyIdOf(vaultId));
  });

  test('gives back what was sealed, also through a node that starts anew', async () => {
    expect(await unsealedBy(acme.call, itemId)).toMatchObject({ payload: { password: 'correct horse' } });
    expect(await unsealedBy(await aNode(), itemId)).toMatchObject({ payload: { password: 'correct horse' } });
  });

  test('serves from the replica while the main Region is down', async () => {
    await keyhold.sandbox.control.fault({ region: MAIN, fault: { kind: 'reset' } });
    const { result, calls } = await keyhold.sandbox.control.callsDuring(() => unsealedBy(acme.call, itemId));
    expect(result).toMatchObject({ payload: { password: 'correct horse' } });
    expect(calls.find(({ operation, outcome }) => operation === 'Decrypt' && outcome === 'ok')).toMatchObject({ region: REPLICA });
    expect(await acme.call('POST', '/items', { kind: 'secret', name: 'n', vaultId, payload: {} })).toMatchObject({ status: 201 });
  });

  test('is verified as a customer’s key is, but for the external ID, which nobody chose', async () => {
    const { status, body } = await acme.call('POST', `/vaults/${vaultId}/verify`);
    const checks = (body as { checks: { check: string; ok: boolean }[] }).checks.map(({ check }) => check);
    expect({ status, body }).toMatchObject({ status: 200, body: { ok: true, health: 'healthy' } });
    expect(checks).toEqual(expect.arrayContaining(['assume_role', 'caller_account', 'describe_key', 'public_key', 'encrypt', 'decrypt']));
    expect(checks).not.toContain('external_id');
  });

  test('gives nobody a way to take its items out but by unsealing them', async () => {
    expect(await acme.call('GET', `/items/${itemId}/export`)).toMatchObject(problem(409, 'export_not_possible'));
  });

  test('stops when its key refuses, and says that the operator must act', async () => {
    const other = await aManagedVault(acme, { dataKeyCacheSeconds: 0 });
    const sealed = await anItem(acme, { a: 1 }, { vaultId: other });
    await keyhold.sandbox.control.fault({
      operation: 'Decrypt',
      keyId: await keyIdOf(other),
      fault: { kind: 'error', status: 400, code: 'DisabledException', message: 'is disabled.' },
    });
    const refused = await acme.call('POST', `/items/${sealed}/unseal`);
    expect(refused).toMatchObject(problem(409, 'vault_key_refused'));
    expect((refused.body as { remedy: string }).remedy).toContain('operator');
    await keyhold.sandbox.control.clearFaults();
    expect(await there('POST', `/items/${sealed}/unseal`)).toMatchObject(problem(409, 'vault_key_refused'));
    expect(await acme.call('POST', `/vaults/${other}/verify`)).toMatchObject({ status: 200, body: { ok: true } });
    expect(await unsealedBy(there, sealed)).toMatchObject({ payload: { a: 1 } });
  });

  test('takes no key from whoever asks for it', async () => {
    const awsKms = { accountId: '111122223333', keyId: `mrk-${'0'.repeat(32)}`, roleArn: 'arn:aws:iam::111122223333:role/r' };
    const { result, calls } = await keyhold.sandbox.control.callsDuring(() => acme.call('POST', '/vaults', { ...order(), awsKms }));
    expect(result).toMatchObject({ status: 422, body: { code: 'vault_key_rejected', checks: [{ cause: 'config_not_expected' }] } });
    expect(calls).toEqual([]);
  });

  test('has a key that nobody can register as their own', async () => {
    const awsKms = {
      accountId: keyhold.platform.accountId,
      keyId: await keyIdOf(vaultId),
      roleArn: keyhold.platform.managedKeys.userRoleArn,
    };
    const taken = await globex.call('POST', '/vaults', { name: aName(), strategy: 'aws-kms', awsKms });
    expect(taken).toMatchObject(problem(422, 'vault_key_rejected'));
  });
});

describe('the creation of such a vault', () => {
  test('makes one key, and tells the trail before AWS is asked and with every request that was made', async () => {
    const { result, calls } = await keyhold.sandbox.control.callsDuring(() => acme.call('POST', '/vaults', order()));
    expect(result).toMatchObject({ status: 201, body: { report: { ok: true } } });
    expect(created(calls)).toHaveLength(1);
    expect(await typesOf(idIn(result))).toEqual(['vault.created', 'vault.key.created', 'vault.key.creation_started']);
    const { body } = await acme.call('GET', `/audit-events?vaultId=${idIn(result)}&type=vault.key.created`);
    const told = (body as { data: { calls?: { requestId: string }[] }[] }).data[0]?.calls?.map(({ requestId }) => requestId) ?? [];
    expect(told).toContain(created(calls)[0]?.requestId);
    expect(await keyhold.database.asAdmin('SELECT 1 FROM managed_keys WHERE vault_id = $1', [idIn(result)])).toEqual([]);
  });

  test('makes one vault and one key for twenty of the same request', async () => {
    const [body, key] = [order(), { 'idempotency-key': randomUUID() }];
    const { result, calls } = await keyhold.sandbox.control.callsDuring(() =>
      Promise.all(Array.from({ length: 20 }, () => acme.call('POST', '/vaults', body, key))),
    );
    expect(new Set(result.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(result[0]).toMatchObject({ status: 201 });
    expect(created(calls)).toHaveLength(1);
  });

  const STEPS = (['before', 'after'] as const).flatMap((when) => [
    { when, operation: 'CreateKey' },
    { when, operation: 'CreateAlias' },
    { when, operation: 'ReplicateKey' },
    { when, operation: 'GetPublicKey' },
  ]);

  test.each(STEPS)(
    'that breaks off $when $operation leaves no vault, and a repeat goes on with the same key',
    async ({ when, operation }) => {
      const body = order();
      const lift = await keyhold.sandbox.control.fault({ service: 'kms', operation, when, fault: { kind: 'reset' } });
      const broken = await acme.call('POST', '/vaults', body);
      expect([422, 503]).toContain(broken.status);
      await lift();
      expect((await acme.call('GET', '/vaults?limit=100')).text).not.toContain(body.name);
      const { result, calls } = await keyhold.sandbox.control.callsDuring(() => there('POST', '/vaults', body));
      expect(result).toMatchObject({ status: 201, body: { vault: { keyHealth: 'healthy' } } });
      const wasMade = operation !== 'CreateKey' || when === 'after';
      expect(created(calls)).toHaveLength(wasMade ? 0 : 1);
      expect(await unsealedBy(acme.call, await anItem(acme, { a: 1 }, { vaultId: idIn(result) }))).toMatchObject({ payload: { a: 1 } });
    },
  );

  test('is gone on with by another node after the first one was killed in the middle', async () => {
    const node = await keyhold.anotherNode();
    const body = order();
    await keyhold.sandbox.control.fault({ operation: 'ReplicateKey', when: 'after', fault: { kind: 'hang' }, times: 1 });
    const { lastSeq } = await keyhold.sandbox.control.ledger();
    const started = aClient(`${node.url}/v1/workspaces/${acme.id}`, acme.token)('POST', '/vaults', body).catch(() => 'cut off');
    await untilCalled('ReplicateKey', lastSeq);
    expect(await acme.call('POST', '/vaults', body)).toMatchObject(problem(409, 'vault_being_created'));
    await node.stop('SIGKILL');
    expect(await started).toBe('cut off');
    await keyhold.database.asAdmin('UPDATE managed_keys SET claimed_until = now() WHERE name = $1', [body.name]);
    const { result, calls } = await keyhold.sandbox.control.callsDuring(() => acme.call('POST', '/vaults', body));
    expect(result).toMatchObject({ status: 201 });
    expect(created(calls)).toEqual([]);
  });

  test('that AWS refuses says so, and that it is the operator’s affair', async () => {
    await keyhold.sandbox.control.fault({
      operation: 'CreateKey',
      fault: { kind: 'error', status: 400, code: 'AccessDeniedException', message: 'because no identity-based policy allows' },
    });
    const refused = await acme.call('POST', '/vaults', order());
    expect(refused).toMatchObject({
      status: 422,
      body: {
        code: 'vault_key_rejected',
        checks: [
          {
            check: 'key_made',
            awsError: 'AccessDeniedException',
            awsRequestId: expect.any(String),
            remedy: expect.stringContaining('operator'),
          },
        ],
      },
    });
  });

  test('waits for a replica that takes its time, and does not keep anybody from another name', async () => {
    await keyhold.sandbox.control.clock({ transitionSeconds: 2 });
    const [slow, quick] = await Promise.all([
      acme.call('POST', '/vaults', order()),
      acme.call('POST', '/vaults', { ...order(), strategy: 'default' }),
    ]);
    expect([slow.status, quick.status]).toEqual([201, 201]);
  });
});

describe('the deletion of a vault', () => {
  test('is refused while items are in it, old versions and deleted boxes included', async () => {
    const vaultId = await aManagedVault(acme);
    const boxId = await aBox(acme);
    const itemId = await anItem(acme, { a: 1 }, { vaultId, boxId });
    const refused = async () => {
      const { result, calls } = await keyhold.sandbox.control.callsDuring(() => acme.call('DELETE', `/vaults/${vaultId}`));
      expect(result).toMatchObject(problem(409, 'vault_not_empty'));
      expect((result.body as { detail: string }).detail).toContain('deleted box');
      expect(calls).toEqual([]);
    };
    await refused();
    await acme.call('DELETE', `/boxes/${boxId}`);
    await refused();
    await acme.call('POST', `/boxes/${boxId}/restore`);
    expect(await unsealedBy(acme.call, itemId)).toMatchObject({ payload: { a: 1 } });
    await acme.call('DELETE', `/items/${itemId}`);
    expect(await acme.call('DELETE', `/vaults/${vaultId}`)).toMatchObject({ status: 200 });
  });

  test('is refused for ever once something was sealed for a caller that keeps it', async () => {
    const vaultId = await aManagedVault(acme);
    const { body } = await acme.call('POST', '/seal', { vaultId, context: 'c', payload: { a: 1 } });
    expect(await acme.call('DELETE', `/vaults/${vaultId}`)).toMatchObject(problem(409, 'vault_key_given_out'));
    expect(await acme.call('POST', '/unseal', { context: 'c', sealed: (body as { sealed: string }).sealed })).toMatchObject({
      status: 200,
    });
  });

  test('is refused for a data key that an item brought and a token was sealed under', async () => {
    const vaultId = await aDefaultVault(acme, { name: aName() });
    const itemId = await anItem(acme, { a: 1 }, { vaultId });
    await acme.call('POST', '/seal', { vaultId, context: 'c', payload: { a: 1 } });
    await acme.call('DELETE', `/items/${itemId}`);
    expect(await acme.call('DELETE', `/vaults/${vaultId}`)).toMatchObject(problem(409, 'vault_key_given_out'));
  });

  test('is refused for the vault that items go into that name none', async () => {
    expect(await acme.call('DELETE', `/vaults/${acme.defaultVaultId}`)).toMatchObject(problem(409, 'vault_is_default'));
  });

  test('schedules the end of its key in both Regions, the replica first, and is on record with both', async () => {
    const vaultId = await aManagedVault(acme);
    const itemId = await anItem(acme, { a: 1 }, { vaultId });
    await acme.call('DELETE', `/items/${itemId}`);
    const { result, calls } = await keyhold.sandbox.control.callsDuring(() => acme.call('DELETE', `/vaults/${vaultId}?keyDeletionDays=7`));
    expect(result).toMatchObject({ status: 200, body: { id: vaultId, strategy: 'managed', keyDeletionDays: 7 } });
    expect(scheduled(calls)).toEqual([REPLICA, MAIN]);
    expect(await acme.call('GET', `/vaults/${vaultId}`)).toMatchObject(problem(404, 'vault_not_found'));
    const [restorable] = (await listed()).filter(({ id }) => id === vaultId);
    const days = (new Date(restorable?.restorableUntil ?? 0).getTime() - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(14); // 7 for the replica, and 7 more for the primary, which waits for it
    expect((await typesOf(vaultId)).slice(0, 2)).toEqual(['vault.key.deletion_scheduled', 'vault.deleted']);
  });

  test.each(['6', '31', '0', 'seven', '7.5'])('is not possible with %s days', async (days) => {
    const vaultId = await aDefaultVault(acme, { name: aName() });
    expect(await acme.call('DELETE', `/vaults/${vaultId}?keyDeletionDays=${days}`)).toMatchObject(problem(400, 'validation_failed'));
  });

  test('asks AWS nothing for a customer’s key, which is left alone', async () => {
    const { vaultId, customer } = await anAwsKmsVault(keyhold, acme, { name: aName() });
    const { result, calls } = await keyhold.sandbox.control.callsDuring(() => acme.call('DELETE', `/vaults/${vaultId}`));
    expect(result).toMatchObject({ status: 200, body: { strategy: 'aws-kms', keyDeletionDays: null, restorableUntil: null } });
    expect(calls).toEqual([]);
    expect(await acme.call('POST', `/vaults/${vaultId}/restore`)).toMatchObject(problem(404, 'vault_not_found'));
    const again = await acme.call('POST', '/vaults', { name: aName(), strategy: 'aws-kms', awsKms: customer.target });
    expect(again).toMatchObject({ status: 201 });
  });

  test('and a seal in the same moment: one of the two happens, and nothing is sealed under a key that ends', async () => {
    for (let round = 0; round < 12; round += 1) {
      const vaultId = await aDefaultVault(acme, { name: aName() });
      const kind = round % 2;
      const seal = (node: Client) =>
        kind === 0
          ? node('POST', '/items', { kind: 'secret', name: 'n', vaultId, payload: { a: 1 } })
          : node('POST', '/seal', { vaultId, context: 'c', payload: { a: 1 } });
      const [deleted, ...sealed] = await Promise.all([
        acme.call('DELETE', `/vaults/${vaultId}`),
        ...[acme.call, there, acme.call, there].map(seal),
      ]);
      const answered = sealed.map(({ status }) => status);
      if (deleted.status === 200) expect(answered.filter((status) => status < 300)).toEqual([]);
      else expect(deleted).toMatchObject({ status: 409 });
      for (const { status } of sealed) expect([200, 201, 404]).toContain(status);
      const [left] = await keyhold.database.asAdmin<{ count: number }>(
        'SELECT count(*)::integer AS count FROM data_keys WHERE vault_id = $1',
        [vaultId],
      );
      expect((left?.count ?? 0) > 0).toBe(deleted.status !== 200);
    }
  });

  test('of another workspace’s vault is answered as if there were none', async () => {
    const vaultId = await aDefaultVault(acme, { name: aName() });
    for (const [method, path] of [
      ['DELETE', `/vaults/${vaultId}`],
      ['POST', `/vaults/${vaultId}/restore`],
    ] as const) {
      const foreign = await globex.call(method, path);
      const absent = await globex.call(method, path.replace(vaultId, randomUUID()));
      expect(foreign).toMatchObject(problem(404, 'vault_not_found'));
      expect(foreign.text.replace(String(foreign.body.requestId), '')).toBe(absent.text.replace(String(absent.body.requestId), ''));
    }
    expect(await acme.call('GET', `/vaults/${vaultId}`)).toMatchObject({ status: 200 });
    expect((await globex.call('GET', '/deleted-vaults')).body).toEqual({ data: [], nextCursor: null });
  });

  test('succeeds while AWS cannot be asked; the end of the key is due', async () => {
    const vaultId = await aManagedVault(acme);
    await keyhold.sandbox.control.fault({ operation: 'ScheduleKeyDeletion', fault: { kind: 'reset' } });
    expect(await acme.call('DELETE', `/vaults/${vaultId}`)).toMatchObject({ status: 200 });
    expect((await listed()).find(({ id }) => id === vaultId)).toMatchObject({ restorableUntil: null });
    expect((await typesOf(vaultId)).slice(0, 2)).toEqual(['vault.key.deletion_failed', 'vault.deleted']);
    expect(await acme.call('POST', `/vaults/${vaultId}/restore`)).toMatchObject(problem(409, 'vault_key_deletion_under_way'));
  });
});

describe('a worker', () => {
  test('ends the keys that requests left behind: of a vault that was never finished, and of a deleted one', async () => {
    const lift = await keyhold.sandbox.control.fault({ operation: 'GetPublicKey', fault: { kind: 'reset' } });
    const broken = order();
    expect(await acme.call('POST', '/vaults', broken)).toMatchObject({ status: 422 });
    await lift();
    const vaultId = await aManagedVault(acme);
    await keyhold.sandbox.control.fault({ operation: 'ScheduleKeyDeletion', fault: { kind: 'reset' } });
    await acme.call('DELETE', `/vaults/${vaultId}`);
    await keyhold.sandbox.control.clearFaults();
    await keyhold.database.asAdmin(`UPDATE managed_keys SET due_at = now(), claimed_until = now() WHERE state IN ('creating', 'ending')`);
    const { lastSeq } = await keyhold.sandbox.control.ledger();
    await keyhold.aWorker();
    await keyhold.database.asAdmin(`SELECT graphile_worker.add_job('settle-managed-keys')`);
    const left = () =>
      keyhold.database.asAdmin(`SELECT 1 FROM managed_keys WHERE name = $1 OR (vault_id = $2 AND state = 'ending')`, [
        broken.name,
        vaultId,
      ]);
    await eventually(left, (rows) => rows.length === 0);
    const { calls } = await keyhold.sandbox.control.ledger(lastSeq);
    expect(scheduled(calls).filter((region) => region === MAIN).length).toBeGreaterThanOrEqual(2);
    expect((await listed()).find(({ id }) => id === vaultId)?.restorableUntil).toEqual(expect.any(String));
    expect(await acme.call('POST', `/vaults/${vaultId}/restore`)).toMatchObject({ status: 200 });
  });
});

describe('a deleted vault', () => {
  test('is there again under its id, with its settings and its key, and takes new items on every node', async () => {
    const vaultId = await aManagedVault(acme, { name: aName(), itemsPerDataKey: 7, dataKeyCacheSeconds: 0 });
    const before = (await acme.call('GET', `/vaults/${vaultId}`)).body as Record<string, unknown>;
    for (const node of [acme.call, there]) {
      const sealed = await node('POST', '/items', { kind: 'secret', name: 'n', vaultId, payload: { a: 1 } });
      await acme.call('DELETE', `/items/${String(sealed.body.id)}`);
    }
    expect(await acme.call('DELETE', `/vaults/${vaultId}`)).toMatchObject({ status: 200 });
    const restored = await acme.call('POST', `/vaults/${vaultId}/restore`);
    expect(restored).toMatchObject({ status: 200, body: { report: { ok: true, health: 'healthy' } } });
    const { createdAt, updatedAt, keyHealthSince, ...same } = before;
    expect(restored.body.vault).toMatchObject(same);
    expect([createdAt, updatedAt, keyHealthSince]).not.toContain(undefined);
    for (const node of [acme.call, there]) {
      const sealed = await node('POST', '/items', { kind: 'secret', name: 'n', vaultId, payload: { a: 2 } });
      expect(sealed).toMatchObject({ status: 201 });
      expect(await unsealedBy(await aNode(), String(sealed.body.id))).toMatchObject({ payload: { a: 2 } });
    }
    expect(await typesOf(vaultId)).toContain('vault.restored');
    expect((await listed()).map(({ id }) => id)).not.toContain(vaultId);
    expect(await acme.call('DELETE', `/vaults/${vaultId}`)).toMatchObject(problem(409, 'vault_not_empty'));
  });

  test('comes back under another name where a new vault has taken its own', async () => {
    const name = aName();
    const vaultId = await aManagedVault(acme, { name });
    await acme.call('DELETE', `/vaults/${vaultId}`);
    await aDefaultVault(acme, { name });
    expect(await acme.call('POST', `/vaults/${vaultId}/restore`)).toMatchObject(problem(409, 'vault_name_taken'));
    const other = aName();
    expect(await acme.call('POST', `/vaults/${vaultId}/restore`, { name: other })).toMatchObject({
      status: 200,
      body: { vault: { name: other } },
    });
  });

  test('does not come back once AWS has deleted its key', async () => {
    const vaultId = await aManagedVault(acme);
    await acme.call('DELETE', `/vaults/${vaultId}?keyDeletionDays=7`);
    await keyhold.sandbox.control.clock({ offsetSeconds: 15 * 86_400 });
    try {
      expect(await acme.call('POST', `/vaults/${vaultId}/restore`)).toMatchObject({
        status: 409,
        body: { code: 'vault_key_refused', cause: 'key_not_found' },
      });
    } finally {
      await keyhold.sandbox.control.clock({ offsetSeconds: 0 });
    }
  });
});
