import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import pg from 'pg';
import { ACTS, type Act, type ActWorld, anActWorld } from './harness/acts.js';
import type { Answer } from './harness/client.js';
import { REGIONS } from './harness/customer.js';
import { anItem } from './harness/item.js';
import { type Keyhold, startKeyhold } from './harness/service.js';
import { anAwsKmsVault } from './harness/vault.js';

jest.setTimeout(60_000);

interface Event {
  id: string;
  at: string;
  type: string;
  principal: { kind: string; role: string; id: string; name: string };
  requestId: string;
  sourceAddress: string;
  boxId: string | null;
  vaultId: string | null;
  itemId: string | null;
  itemVersion: number | null;
  region: string | null;
  kmsRequestId: string | null;
  calls: { service: string; operation: string; region: string; outcome: string; requestId?: string; accessKeyId?: string }[];
  details: Record<string, unknown>;
}

/** What each act leaves, and which rows carry its commit. */
const RECORDS: Record<string, { types: string[]; rows?: string[] }> = {
  createWorkspace: {
    types: ['workspace.created'],
    rows: ['workspaces', 'api_keys', 'members', 'groups', 'group_members', 'boxes', 'box_grants', 'vaults', 'vault_keys'],
  },
  createVault: { types: ['vault.created'], rows: ['vaults', 'vault_keys'] },
  updateVault: { types: ['vault.updated'], rows: ['vaults'] },
  verifyVault: { types: ['vault.key.validated'] },
  setDefaultVault: { types: ['vault.default_changed'], rows: ['workspaces'] },
  disableVault: { types: ['vault.disabled'], rows: ['vaults'] },
  enableVault: { types: ['vault.enabled'], rows: ['vaults'] },
  suspendVault: { types: ['vault.suspended'], rows: ['vaults', 'data_key_purges'] },
  resumeVault: { types: ['vault.resumed', 'vault.key.validated'], rows: ['vaults'] },
  purgeVault: { types: ['vault.cache.purged', 'vault.cache.purge_requested'] },
  startVaultRevocationDrill: { types: ['drill.started', 'job.created'], rows: ['jobs', 'data_keys'] },
  startVaultRegionDrill: { types: ['drill.started', 'job.created'], rows: ['jobs'] },
  cancelVaultDrill: { types: ['job.cancelled', 'drill.cancelled'], rows: ['jobs'] },
  deleteVault: { types: ['vault.deleted'] },
  restoreVault: { types: ['vault.restored', 'vault.key.deletion_cancelled'], rows: ['vaults', 'vault_keys'] },
  createIdentityProvider: { types: ['identity_provider.created'], rows: ['identity_providers'] },
  updateIdentityProvider: { types: ['identity_provider.updated'], rows: ['identity_providers'] },
  deleteIdentityProvider: { types: ['identity_provider.deleted'] },
  inviteMember: { types: ['member.invited'], rows: ['members'] },
  updateMember: { types: ['member.updated'], rows: ['members'] },
  removeMember: { types: ['member.removed'] },
  renewInvitation: { types: ['member.invited'], rows: ['members'] },
  resetMember: { types: ['member.reset'], rows: ['members'] },
  transferOwnership: { types: ['member.invitation_withdrawn', 'owner.transferred'] }, // of the reset before it
  createGroup: { types: ['group.created'], rows: ['groups'] },
  deleteGroup: { types: ['group.deleted'] },
  addGroupMember: { types: ['group.member_added'], rows: ['group_members'] },
  removeGroupMember: { types: ['group.member_removed'] },
  createBox: { types: ['box.created'], rows: ['boxes', 'box_grants'] },
  updateWorkspace: { types: ['workspace.updated'], rows: ['workspaces'] },
  updateBox: { types: ['box.updated'], rows: ['boxes'] },
  deleteBox: { types: ['box.deleted'], rows: ['boxes'] },
  restoreBox: { types: ['box.restored'], rows: ['boxes'] },
  addGrant: { types: ['box.grant_added'], rows: ['box_grants'] },
  changeGrant: { types: ['box.grant_changed'], rows: ['box_grants'] },
  removeGrant: { types: ['box.grant_removed'] },
  signInWithAws: { types: ['sign_in.succeeded'], rows: ['sessions', 'aws_proofs'] },
  cerberusStsIdentity: { types: ['sign_in.succeeded'], rows: ['sessions', 'aws_proofs'] },
  cerberusStsIdentityByHost: { types: ['sign_in.succeeded'], rows: ['sessions', 'aws_proofs'] },
  signInWithPassword: { types: ['sign_in.succeeded'], rows: ['sessions'] },
  acceptInvitation: { types: ['sign_in.succeeded', 'member.joined'], rows: ['members', 'sessions'] },
  signOut: { types: ['session.ended'], rows: ['sessions'] },
  confirmIdentity: { types: ['session.confirmed'], rows: ['sessions'] },
  changePassword: { types: ['member.password_changed'], rows: ['members'] },
  changeAuthenticator: { types: ['member.authenticator_changed'], rows: ['members'] },
  endSession: { types: ['session.ended'], rows: ['sessions'] },
  renewRecoveryCodes: { types: ['member.recovery_codes_renewed'], rows: ['members'] },
  createSetupLink: { types: ['aws_setup_link.created'], rows: ['setup_links'] },
  revokeSetupLink: { types: ['aws_setup_link.revoked'], rows: ['setup_links'] },
  proposeKey: { types: ['aws_setup_proposal.received'], rows: ['setup_proposals'] },
  discardSetupProposal: { types: ['aws_setup_proposal.discarded'] },
  pauseJob: { types: ['job.paused'], rows: ['jobs'] },
  resumeJob: { types: ['job.resumed'], rows: ['jobs'] },
  cancelJob: { types: ['job.cancelled'], rows: ['jobs'] },
  createWebhook: { types: ['webhook.created'], rows: ['webhook_endpoints'] },
  updateWebhook: { types: ['webhook.updated'], rows: ['webhook_endpoints'] },
  deleteWebhook: { types: ['webhook.deleted'] },
  rotateWebhookSecret: { types: ['webhook.secret_rotated'], rows: ['webhook_endpoints'] },
  testWebhook: { types: ['webhook.tested'], rows: ['alert_outbox'] },
  replayWebhookDelivery: { types: ['webhook.delivery_replayed'], rows: ['alert_deliveries'] },
  setAlertSettings: { types: ['alert_settings.updated'], rows: ['alert_settings'] },
  createApiKey: { types: ['api_key.created'], rows: ['api_keys'] },
  revokeApiKey: { types: ['api_key.revoked'], rows: ['api_keys'] },
  createItem: { types: ['item.created'], rows: ['items', 'item_versions'] },
  createItemVersion: { types: ['item.updated'], rows: ['items', 'item_versions'] },
  deleteItem: { types: ['item.deleted'] },
  moveItem: { types: ['item.updated'], rows: ['items'] },
  moveItemToVault: { types: ['item.vault.assigned'], rows: ['items', 'item_versions'] },
  rekeyVault: { types: ['job.created', 'vault.rewrap.started'], rows: ['jobs'] },
  undoRekey: { types: ['job.created', 'vault.rewrap.undone'], rows: ['vaults', 'jobs'] },
  evacuateVault: { types: ['vault.disabled', 'job.created'], rows: ['vaults', 'jobs'] },
  moveItems: { types: ['job.created'], rows: ['jobs'] },
  unsealItem: { types: ['item.unsealed'] },
  exportItem: { types: ['item.exported'] },
  seal: { types: ['data.sealed'] },
  unseal: { types: ['data.unsealed'] },
};
/** Change nothing, and are no GET because of the secret in their body or answer. */
const ONLY_LOOK = new Set(['openInvitation', 'openAuthenticator']);
const ASKS_KMS = new Set(['verifyVault', 'createItem', 'createItemVersion', 'unsealItem', 'exportItem', 'seal', 'unseal']);

describe('the audit trail', () => {
  let keyhold: Keyhold;
  let acme: ActWorld;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    acme = await anActWorld(keyhold);
  });
  afterAll(() => keyhold.stop());

  const eventsOf = async (query: string, { workspace } = acme): Promise<Event[]> => {
    const { status, body } = await workspace.call('GET', `/audit-events?limit=100&${query}`);
    expect(status).toBe(200);
    return body.data as Event[];
  };
  const eventsOfAnswer = ({ headers }: Answer) => eventsOf(`requestId=${headers.get('x-request-id') ?? ''}`);

  test('knows every operation that changes something or uses a key', async () => {
    const { body } = await keyhold.operator('GET', '/v1/openapi.json');
    const operations = Object.values(body.paths as Record<string, Record<string, { operationId: string }>>).flatMap((methods) =>
      Object.entries(methods).map(([method, { operationId }]) => ({ method, operationId })),
    );
    const acts = operations.filter(({ method, operationId }) => method !== 'get' || operationId === 'exportItem');
    const acting = acts.filter(({ operationId }) => !ONLY_LOOK.has(operationId));
    expect(new Set(ACTS.map(({ operationId }) => operationId))).toEqual(new Set(acting.map(({ operationId }) => operationId)));
    expect(new Set(Object.keys(RECORDS))).toEqual(new Set(acting.map(({ operationId }) => operationId)));
  });

  test.each(ACTS.filter(({ operationId }) => operationId !== 'createWorkspace').map((act) => ({ ...act })))(
    '$name leaves its event in its own commit, with who, where and under which request',
    async ({ operationId, by, prepare }) => {
      const answer = await (await prepare(acme))();
      expect(answer.status).toBeLessThan(300);
      const events = await eventsOfAnswer(answer);
      const { types, rows = [] } = RECORDS[operationId] ?? { types: [] };
      expect(events.map(({ type }) => type)).toEqual(types);
      const [event] = events;
      expect(event).toMatchObject({
        principal: await principalOf(by),
        requestId: answer.headers.get('x-request-id'),
        sourceAddress: '127.0.0.1',
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      });
      expect(event?.vaultId !== null).toBe(/Vault|Rekey|Item|Job|^(?:un)?seal$/.test(operationId));
      expect(event?.boxId !== null).toBe(/Box|Grant|[iI]tem(?!s)/.test(operationId));
      expect(event?.itemId !== null).toBe(/[iI]tem(?!s)/.test(operationId));
      expect(event?.kmsRequestId !== null).toBe(ASKS_KMS.has(operationId) || event?.calls.some(({ service }) => service === 'kms'));
      await expectSameCommit(event, rows);
    },
  );

  test('createWorkspace leaves its event in the new workspace, by the operator', async () => {
    const [act] = ACTS.filter(({ operationId }) => operationId === 'createWorkspace');
    const answer = await (await act?.prepare(acme))?.();
    const [event] = await keyhold.database.asAdmin<{ workspace_id: string; type: string; principal_role: string; xmin: string }>(
      'SELECT *, xmin::text FROM audit_events WHERE request_id = $1',
      [answer?.headers.get('x-request-id')],
    );
    expect(event).toMatchObject({ workspace_id: answer?.body.id, type: 'workspace.created', principal_role: 'operator' });
    for (const table of RECORDS['createWorkspace']?.rows ?? []) {
      const made = await keyhold.database.asAdmin<{ xmin: string }>(`SELECT xmin::text FROM ${table} WHERE workspace_id = $1`, [
        answer?.body.id,
      ]);
      expect(made).toEqual([{ xmin: event?.xmin }]);
    }
  });

  test('joins with what KMS saw: Region, request id and session of the call that decided', async () => {
    const { vaultId } = await anAwsKmsVault(keyhold, acme.workspace, { name: 'Joined', dataKeyCacheSeconds: 0 });
    const id = await anItem(acme.workspace, {}, { vaultId });
    const unsealed = await acme.workspace.call('POST', `/items/${id}/unseal`);
    const [outcome, intent] = await eventsOfAnswer(unsealed);
    expect(intent).toMatchObject({ type: 'item.unseal.requested', itemId: id, vaultId, region: null, kmsRequestId: null, calls: [] });
    expect(outcome).toMatchObject({ type: 'item.unsealed', itemId: id, itemVersion: 1, vaultId, region: REGIONS.main });
    const { calls } = await keyhold.sandbox.control.ledger();
    const decrypt = calls.find(({ requestId }) => requestId === outcome?.kmsRequestId);
    expect(decrypt).toMatchObject({ service: 'kms', operation: 'Decrypt', region: REGIONS.main, outcome: 'ok' });
    expect(outcome?.calls.at(-1)).toMatchObject({ requestId: decrypt?.requestId, accessKeyId: decrypt?.accessKeyId, outcome: 'ok' });
    expect(decrypt?.callerArn).toContain(`keyhold.${acme.workspace.id.slice(0, 8)}.${vaultId.slice(0, 8)}`);
    expect(await eventsOf(`kmsRequestId=${decrypt?.requestId ?? ''}`)).toEqual([outcome]);
  });

  test('tells the Region that stood in for the other', async () => {
    const { vaultId } = await anAwsKmsVault(keyhold, acme.workspace, { name: 'Stands in', dataKeyCacheSeconds: 0 });
    const id = await anItem(acme.workspace, {}, { vaultId });
    const lift = await keyhold.sandbox.control.fault({
      region: REGIONS.main,
      service: 'kms',
      operation: 'Decrypt',
      fault: { kind: 'reset' },
    });
    const [outcome] = await eventsOfAnswer(await acme.workspace.call('POST', `/items/${id}/unseal`));
    await lift();
    expect(outcome).toMatchObject({ type: 'item.unsealed', region: REGIONS.replica });
    const decrypts = outcome?.calls.filter(({ operation }) => operation === 'Decrypt') ?? [];
    expect(decrypts.map(({ region }) => region)).toEqual(expect.arrayContaining([REGIONS.main, REGIONS.replica]));
    expect(decrypts[0]).toMatchObject({ region: REGIONS.main, outcome: 'unknown' });
  });

  test("has the intent, the refusal and the vault's new health when the owner of the key refuses", async () => {
    const { vaultId, customer } = await anAwsKmsVault(keyhold, acme.workspace, { name: 'Refused', dataKeyCacheSeconds: 0 });
    const id = await anItem(acme.workspace, {}, { vaultId });
    await customer.disableKey(REGIONS.main);
    const refused = await acme.workspace.call('POST', `/items/${id}/unseal`);
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'vault_key_refused', awsError: 'DisabledException', awsRegion: REGIONS.main },
    });
    const events = await eventsOfAnswer(refused);
    expect(events.map(({ type }) => type)).toEqual(['item.unseal.refused', 'vault.key.health_changed', 'item.unseal.requested']);
    expect(events[0]).toMatchObject({
      region: REGIONS.main,
      kmsRequestId: refused.body.awsRequestId,
      details: { code: 'refused', awsError: 'DisabledException' },
    });
    expect(events[1]).toMatchObject({ vaultId, details: { before: 'healthy', after: 'refused' } });
  });

  test('has every refused unseal, and none of what is not there', async () => {
    const id = await anItem(acme.workspace);
    const absent = await acme.workspace.call('POST', `/items/${id}/unseal`, { version: 2 });
    expect(await eventsOfAnswer(absent)).toEqual([]);
    const garbage = await acme.workspace.call('POST', '/unseal', { context: 'c', sealed: 'garbage' });
    expect((await eventsOfAnswer(garbage)).map(({ type, details }) => ({ type, details }))).toEqual([
      { type: 'data.unseal.refused', details: { context: 'c', code: 'not_intact' } },
    ]);
  });

  test('has the reasons of a rejected key, and of changes what was before and after', async () => {
    const { workspace, vaultId, customer } = acme;
    const body = { name: 'No', strategy: 'aws-kms', awsKms: { ...customer.target, roleArn: `${customer.roleArn}-gone` } };
    const rejected = await workspace.call('POST', '/vaults', body);
    expect(rejected.status).toBe(422);
    const [event] = await eventsOfAnswer(rejected);
    expect(event).toMatchObject({ type: 'vault.key.validation_failed', vaultId: null, details: { name: 'No', strategy: 'aws-kms' } });
    expect(event?.details['failed']).toMatchObject([{ ok: false, cause: expect.any(String) }]);
    const changed = await workspace.call('PATCH', `/vaults/${vaultId}`, { itemsPerDataKey: 7 });
    expect((await eventsOfAnswer(changed))[0]?.details).toMatchObject({
      before: { itemsPerDataKey: 1_000 },
      after: { itemsPerDataKey: 7 },
    });
  });

  describe('read page by page', () => {
    let own: ActWorld;
    let all: Event[];

    beforeAll(async () => {
      own = { ...acme, workspace: await keyhold.aWorkspace() };
      const ids = [await anItem(own.workspace), await anItem(own.workspace, {}, { kind: 'account' })];
      for (const id of ids) await own.workspace.call('POST', `/items/${id}/unseal`);
      await own.workspace.call('POST', '/seal', { entries: Array.from({ length: 60 }, (_, i) => ({ context: `c${i}`, payload: {} })) });
      all = await eventsOf('', own);
    });

    test('is newest first, without gaps or doubles, also inside one commit', async () => {
      expect(all).toHaveLength(65);
      const paged: Event[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const { body } = await own.workspace.call('GET', `/audit-events?limit=7${cursor && `&cursor=${cursor}`}`);
        paged.push(...(body.data as Event[]));
        cursor = body.nextCursor as string | null;
      }
      expect(paged).toEqual(all);
      expect(all.map(({ at }) => at)).toEqual(
        all
          .map(({ at }) => at)
          .toSorted()
          .toReversed(),
      );
      expect(all.at(-1)?.type).toBe('workspace.created');
    });

    test('shows what the filters say, and together what all of them say', async () => {
      const some = all.find(({ type }) => type === 'item.unsealed');
      if (!some) throw new Error('nothing was unsealed');
      const filters: [string, (event: Event) => boolean][] = [
        ['type=data.sealed', ({ type }) => type === 'data.sealed'],
        [`itemId=${some.itemId ?? ''}`, ({ itemId }) => itemId === some.itemId],
        [`vaultId=${some.vaultId ?? ''}`, ({ vaultId }) => vaultId === some.vaultId],
        ['principalId=operator', ({ principal }) => principal.id === 'operator'],
        [`requestId=${some.requestId}`, ({ requestId }) => requestId === some.requestId],
        [`from=${some.at}`, ({ at }) => at >= some.at],
        [`to=${some.at}`, ({ at }) => at < some.at],
        [`from=${some.at}&to=${some.at}`, () => false],
        [`itemId=${some.itemId ?? ''}&type=item.created`, ({ itemId, type }) => itemId === some.itemId && type === 'item.created'],
        [`kmsRequestId=${some.id}`, () => false],
      ];
      for (const [query, holds] of filters)
        expect({ query, found: await eventsOf(query, own) }).toEqual({ query, found: all.filter(holds) });
    });

    test.each([
      'type=x',
      'itemId=x',
      'requestId=x',
      'kmsRequestId=x',
      'principalId=',
      'from=x',
      'to=2026-02-30T00:00:00Z',
      'from=0000-01-01T00:00:00Z',
      'from=2026-01-01',
      'who=me',
    ])('does not take %s', async (query) => {
      expect(await own.workspace.call('GET', `/audit-events?${query}`)).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    });

    test('shows nothing of another workspace', async () => {
      const { body } = await acme.workspace.call('GET', `/audit-events?requestId=${all[0]?.requestId ?? ''}`);
      expect(body).toEqual({ data: [], nextCursor: null });
    });
  });

  test('can be neither changed nor shortened by the service itself', async () => {
    const client = new pg.Client({ connectionString: keyhold.database.serviceUrl });
    await client.connect();
    await client.query(`SET keyhold.workspace_id = '${acme.workspace.id}'`);
    const seen = await client.query('SELECT count(*)::integer AS count FROM audit_events');
    expect((seen.rows as { count: number }[])[0]?.count).toBeGreaterThan(10);
    for (const statement of [
      `UPDATE audit_events SET type = 'x'`,
      'DELETE FROM audit_events',
      'TRUNCATE audit_events',
      'DROP TABLE audit_events',
      'ALTER TABLE audit_events DISABLE ROW LEVEL SECURITY',
      `COPY audit_events TO PROGRAM 'true'`,
    ])
      await expect(client.query(statement)).rejects.toThrow(/permission denied|must be owner/);
    await client.end();
  });

  async function principalOf(by: Act['by']): Promise<object> {
    if (by === undefined) return { kind: 'api_key', role: 'api_key', id: await apiKeyId(), name: 'First key' };
    return by === 'aws' || by === 'setup_link' ? { kind: by, role: by } : { kind: 'member', role: by };
  }

  async function apiKeyId(): Promise<string> {
    const [row] = await keyhold.database.asAdmin<{ api_key_id: string }>(
      `SELECT api_key_id FROM api_keys WHERE workspace_id = $1 AND name = 'First key'`,
      [acme.workspace.id],
    );
    return row?.api_key_id ?? '';
  }

  /** PostgreSQL keeps with each row the transaction that wrote it. */
  async function expectSameCommit(event: Event | undefined, tables: string[]): Promise<void> {
    const [record] = await keyhold.database.asAdmin<{ xmin: string }>('SELECT xmin::text FROM audit_events WHERE event_id = $1', [
      event?.id,
    ]);
    for (const table of tables) {
      const written = await keyhold.database.asAdmin(`SELECT 1 FROM ${table} WHERE workspace_id = $1 AND xmin::text = $2`, [
        acme.workspace.id,
        record?.xmin,
      ]);
      expect({ table, rows: written.length }).toEqual({ table, rows: 1 });
    }
  }
});
