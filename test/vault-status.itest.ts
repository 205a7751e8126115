import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Answer } from './harness/client.js';
import { REGIONS } from './harness/customer.js';
import { aMember } from './harness/principals.js';
import { aKey } from './harness/api-key.js';
import { eventsOf } from './harness/events.js';
import { type FilledVault, type TwoNodes, aFilledVault, readings, statusesOf, twoNodes, writings } from './harness/two-nodes.js';
import { aDefaultVault } from './harness/vault.js';

jest.setTimeout(60_000);

let nodes: TwoNodes;

beforeAll(async () => {
  nodes = await twoNodes();
}, 90_000);
afterAll(() => nodes.keyhold.stop());

type Status = 'active' | 'disabled' | 'suspended';
type Health = 'healthy' | 'degraded' | 'unreachable' | 'refused' | 'pending_deletion';

const decide = (vaultId: string, act: string, body?: object): Promise<Answer> => nodes.here('POST', `/vaults/${vaultId}/${act}`, body);
const vaultOf = async (vaultId: string) => (await nodes.here('GET', `/vaults/${vaultId}`)).body as Record<string, unknown>;
const told = ({ status, body }: Answer): string => (status < 300 ? 'yes' : `${status} ${body.code as string}`);

describe('what people decided and what the key’s owner said, together', () => {
  let vault: FilledVault;
  beforeAll(async () => {
    vault = await aFilledVault(nodes, { dataKeyCacheSeconds: 300 });
  }, 60_000);

  const become = async (status: Status, health: Health): Promise<void> => {
    await nodes.keyhold.database.asAdmin('UPDATE vaults SET status = $2 WHERE vault_id = $1', [vault.vaultId, status]);
    await nodes.keyhold.database.asAdmin('UPDATE vault_keys SET key_health = $2 WHERE vault_id = $1', [vault.vaultId, health]);
  };

  const [disabled, suspended] = ['409 vault_disabled', '409 vault_suspended'];
  const [refused, doomed] = ['409 vault_key_refused', '409 vault_key_pending_deletion'];

  test.each<[Status, Health, string, string]>([
    ['active', 'healthy', 'yes', 'yes'],
    ['active', 'degraded', 'yes', 'yes'],
    ['active', 'unreachable', 'yes', 'yes'], // within the proof time, and from what is open
    ['active', 'refused', refused, refused],
    ['active', 'pending_deletion', doomed, doomed],
    ['disabled', 'healthy', disabled, 'yes'],
    ['disabled', 'degraded', disabled, 'yes'],
    ['disabled', 'unreachable', disabled, 'yes'],
    ['disabled', 'refused', disabled, refused],
    ['disabled', 'pending_deletion', disabled, doomed],
    ['suspended', 'healthy', suspended, suspended],
    ['suspended', 'degraded', suspended, suspended],
    ['suspended', 'unreachable', suspended, suspended],
    ['suspended', 'refused', suspended, suspended],
    ['suspended', 'pending_deletion', suspended, suspended],
  ])(
    '%s and %s: new items, new versions and /seal %s; unseal, export and /unseal %s; on every node',
    async (status, health, seal, unseal) => {
      await become(status, health);
      for (const node of [nodes.here, nodes.there]) {
        const [writes, reads] = [await Promise.all(writings(node, vault)), await Promise.all(readings(node, vault))];
        expect(writes.map(told)).toEqual([seal, seal, seal]);
        const entries = reads.map((answer) =>
          answer.status === 200 && answer.body.error ? `409 ${answer.body.error.code}` : told(answer),
        );
        expect(entries).toEqual([unseal, unseal, unseal]);
      }
    },
  );
});

describe('a vault that is disabled', () => {
  test('takes no new items, on any node, gives what it holds, and takes them again once it is enabled', async () => {
    const vault = await aFilledVault(nodes);
    expect(await decide(vault.vaultId, 'disable', { reason: 'Year end' })).toMatchObject({ status: 200, body: { status: 'disabled' } });
    for (const node of [nodes.here, nodes.there]) {
      expect(await statusesOf(writings(node, vault))).toEqual([409, 409, 409]);
      expect(await statusesOf(readings(node, vault))).toEqual([200, 200, 200]);
    }
    expect(await decide(vault.vaultId, 'enable')).toMatchObject({ status: 200, body: { status: 'active' } });
    for (const node of [nodes.here, nodes.there]) expect(await statusesOf(writings(node, vault))).toEqual([201, 200, 200]);
    const decisions = (await eventsOf(nodes.here, { vaultId: vault.vaultId })).filter(({ type }) => type === 'vault.disabled');
    expect(decisions).toMatchObject([{ details: { before: { status: 'active' }, after: { status: 'disabled' }, reason: 'Year end' } }]);
  });

  test('may be the default vault: items that name none are refused, and another default takes them', async () => {
    const workspace = await nodes.keyhold.aWorkspace();
    const item = () => workspace.call('POST', '/items', { kind: 'secret', name: 'n', payload: {} });
    await workspace.call('POST', `/vaults/${workspace.defaultVaultId}/disable`);
    expect(await item()).toMatchObject({ status: 409, body: { code: 'vault_disabled' } });
    await aDefaultVault(workspace, { setAsDefault: true });
    expect(await item()).toMatchObject({ status: 201 });
  });

  test('leaves no second event when it is disabled again', async () => {
    const vaultId = await aDefaultVault(nodes.acme, { name: 'Twice disabled' });
    const [first, second] = [await decide(vaultId, 'disable'), await decide(vaultId, 'disable')];
    expect([second.status, second.body]).toEqual([200, first.body]);
    expect((await eventsOf(nodes.here, { vaultId })).map(({ type }) => type)).toEqual(['vault.disabled', 'vault.created']);
  });
});

describe('a vault that is suspended', () => {
  test('neither takes nor gives, on any node, asks AWS nothing, and is what it was once it is resumed', async () => {
    const vault = await aFilledVault(nodes);
    expect(await decide(vault.vaultId, 'suspend', { reason: 'Odd reads' })).toMatchObject({
      status: 200,
      body: { status: 'suspended', resumesAs: 'active' },
    });
    const attempts = () => Promise.all([nodes.here, nodes.there].flatMap((node) => [...readings(node, vault), ...writings(node, vault)]));
    const { result, calls } = await nodes.keyhold.sandbox.control.callsDuring(attempts);
    expect(new Set(result.map(told))).toEqual(new Set(['409 vault_suspended']));
    expect(calls).toEqual([]);
    expect(await decide(vault.vaultId, 'resume')).toMatchObject({ status: 200, body: { status: 'active', resumesAs: null } });
    for (const node of [nodes.here, nodes.there]) expect(await statusesOf(readings(node, vault))).toEqual([200, 200, 200]);
  });

  test('keeps the other decision, and takes a new one that counts once it is resumed', async () => {
    const vaultId = await aDefaultVault(nodes.acme, { name: 'Two decisions' });
    await decide(vaultId, 'disable');
    expect(await decide(vaultId, 'suspend')).toMatchObject({ body: { status: 'suspended', resumesAs: 'disabled' } });
    expect(await decide(vaultId, 'enable')).toMatchObject({ body: { status: 'suspended', resumesAs: 'active' } });
    expect(await decide(vaultId, 'disable')).toMatchObject({ body: { status: 'suspended', resumesAs: 'disabled' } });
    expect(await decide(vaultId, 'resume')).toMatchObject({ body: { status: 'disabled', resumesAs: null } });
  });

  test('stays suspended while its key does not pass every check, and says which and what to do', async () => {
    const vault = await aFilledVault(nodes);
    await decide(vault.vaultId, 'suspend');
    await vault.customer.disableKey(REGIONS.replica);
    expect(await decide(vault.vaultId, 'resume')).toMatchObject({
      status: 409,
      body: {
        code: 'vault_not_resumed',
        checks: expect.arrayContaining([
          expect.objectContaining({ ok: false, cause: 'key_disabled', region: REGIONS.replica, remedy: expect.any(String) }),
        ]),
      },
    });
    expect(await vaultOf(vault.vaultId)).toMatchObject({ status: 'suspended', keyHealth: 'refused' });
    await vault.customer.enableKey(REGIONS.replica);
    expect(await decide(vault.vaultId, 'resume')).toMatchObject({ status: 200, body: { status: 'active', keyHealth: 'healthy' } });
  });

  test('stays suspended while a Region cannot be asked about its key', async () => {
    const vault = await aFilledVault(nodes);
    await decide(vault.vaultId, 'suspend');
    const lift = await nodes.keyhold.sandbox.control.fault({ service: 'kms', region: REGIONS.replica, fault: { kind: 'reset' } });
    expect(await decide(vault.vaultId, 'resume')).toMatchObject({ status: 409, body: { code: 'vault_not_resumed' } });
    await lift();
    expect(await vaultOf(vault.vaultId)).toMatchObject({ status: 'suspended' });
  });

  test('is resumed once: a vault that is not suspended is answered as it is, and its key is not asked', async () => {
    const vault = await aFilledVault(nodes);
    const { result, calls } = await nodes.keyhold.sandbox.control.callsDuring(() => decide(vault.vaultId, 'resume'));
    expect(result).toMatchObject({ status: 200, body: { status: 'active' } });
    expect(calls).toEqual([]);
  });
});

describe('who decides', () => {
  const ACTS = ['disable', 'enable', 'suspend', 'resume', 'purge'];

  test('Admins and above, and keys with the scope; nobody else', async () => {
    const { keyhold, acme } = nodes;
    const vaultId = await aDefaultVault(acme, { name: 'Whose' });
    const [user, admin] = [await aMember(keyhold, acme, 'user'), await aMember(keyhold, acme, 'admin')];
    const [reader, manager] = [
      await aKey(keyhold, acme, { scopes: ['vault:read', 'vault:create'] }),
      await aKey(keyhold, acme, { scopes: ['vault:manage'] }),
    ];
    for (const act of ACTS) {
      const by = async ({ call }: { call: typeof nodes.here }) => (await call('POST', `/vaults/${vaultId}/${act}`)).status;
      expect([act, await by(user), await by(reader), await by(admin), await by(manager)]).toEqual([act, 403, 403, 200, 200]);
    }
  });

  test('a person confirms who they are to start a vault, and stops it without', async () => {
    const { keyhold, acme } = nodes;
    const vaultId = await aDefaultVault(acme, { name: 'Confirmed' });
    const admin = await aMember(keyhold, acme, 'admin');
    await keyhold.database.asAdmin(`UPDATE sessions SET confirmed_at = now() - interval '1 hour' WHERE session_id = $1`, [admin.sessionId]);
    const answers = await Promise.all(ACTS.map((act) => admin.call('POST', `/vaults/${vaultId}/${act}`)));
    expect(answers.map(told)).toEqual(['yes', '403 confirmation_required', 'yes', '403 confirmation_required', 'yes']);
  });

  test.each([[{ reason: '' }], [{ reason: 'r'.repeat(501) }], [{ reason: 'a\u0000b' }], [{ status: 'active' }]])(
    'nobody with %j',
    async (body) => {
      const before = await vaultOf(nodes.acme.defaultVaultId);
      for (const act of ['disable', 'enable', 'suspend', 'resume'])
        expect(await decide(nodes.acme.defaultVaultId, act, body)).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
      expect(await vaultOf(nodes.acme.defaultVaultId)).toEqual(before);
    },
  );

  test('nobody about a vault of another workspace, which is answered as one that is not there', async () => {
    const globex = await nodes.keyhold.aWorkspace();
    for (const act of ACTS) {
      const [foreign, absent, none] = await Promise.all(
        [nodes.acme.defaultVaultId, '0197a000-0000-7000-8000-000000000001', 'x'].map((id) => globex.call('POST', `/vaults/${id}/${act}`)),
      );
      expect(foreign).toMatchObject({ status: 404, body: { code: 'vault_not_found' } });
      for (const other of [absent, none]) expect({ ...other?.body, requestId: '' }).toEqual({ ...foreign?.body, requestId: '' });
    }
    expect(await vaultOf(nodes.acme.defaultVaultId)).toMatchObject({ status: 'active' });
  });
});
