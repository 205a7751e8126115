import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { DrillView } from '#drills';
import type { Answer } from './harness/client.js';
import { REGIONS } from './harness/customer.js';
import { eventsOf } from './harness/events.js';
import { eventually } from './harness/eventually.js';
import { aMember } from './harness/principals.js';
import { type FilledVault, type TwoNodes, aFilledVault, twoNodes, unsealing } from './harness/two-nodes.js';
import { aDefaultVault } from './harness/vault.js';

jest.setTimeout(120_000);

const { main: MAIN, replica: REPLICA } = REGIONS;

let world: TwoNodes;

beforeAll(async () => {
  world = await twoNodes();
  await world.keyhold.aWorker();
}, 90_000);
afterAll(() => world.keyhold.stop());

const start = (vaultId: string, kind: 'revocation' | 'region', body?: object): Promise<Answer> =>
  world.here('POST', `/vaults/${vaultId}/drills/${kind}`, body);
const drillOf = async ({ vaultId, id }: Pick<DrillView, 'vaultId' | 'id'>): Promise<DrillView> =>
  (await world.here('GET', `/vaults/${vaultId}/drills/${id}`)).body as DrillView;
const until = (drill: DrillView, isSo: (drill: DrillView) => boolean): Promise<DrillView> =>
  eventually(() => drillOf(drill), isSo, { withinMs: 60_000, everyMs: 100 });
const isOver = ({ state }: DrillView): boolean => ['completed', 'failed', 'cancelled'].includes(state);
const cancel = ({ vaultId, id }: DrillView): Promise<Answer> => world.here('POST', `/vaults/${vaultId}/drills/${id}/cancel`);

async function started(vaultId: string, kind: 'revocation' | 'region', body?: object): Promise<DrillView> {
  const { status, body: drill } = await start(vaultId, kind, body);
  expect(status).toBe(201);
  return drill as DrillView;
}

describe('a revocation drill', () => {
  describe('that an administrator follows', () => {
    let vault: FilledVault;
    let drill: DrillView;
    let steps: Record<string, DrillView>;
    beforeAll(async () => {
      vault = await aFilledVault(world);
      drill = await started(vault.vaultId, 'revocation');
      const waiting = await until(drill, ({ regions }) => regions.length === 2);
      await vault.customer.disableKey(MAIN);
      await vault.customer.disableKey(REPLICA);
      const measuring = await until(drill, ({ step }) => step !== 'waiting_for_disable');
      expect((await unsealing(world.here, vault)).status).toBe(200);
      await world.here('POST', `/vaults/${vault.vaultId}/purge`); // otherwise the open keys last for a minute
      const isOff = ({ step, regions }: DrillView) => step === 'waiting_for_enable' && regions.every(({ says }) => says === 'refused');
      const off = await until(drill, isOff);
      expect((await unsealing(world.there, vault)).status).toBe(409);
      await vault.customer.enableKey(MAIN);
      await vault.customer.enableKey(REPLICA);
      await until(drill, ({ step }) => step !== 'waiting_for_enable');
      await world.here('POST', `/vaults/${vault.vaultId}/verify`);
      steps = { waiting, measuring, off, done: await until(drill, isOver) };
    }, 120_000);

    test('says at each step what to do, for the key in each Region, and goes on by what it sees', () => {
      const { main, replica } = vault.customer.keyArns;
      expect(steps['waiting']).toMatchObject({
        step: 'waiting_for_disable',
        guide: {
          commands: [
            `aws kms disable-key --region ${MAIN} --key-id ${main}`,
            `aws kms disable-key --region ${REPLICA} --key-id ${replica}`,
          ],
        },
        regions: [
          { region: MAIN, says: 'usable', withdrawnBy: null },
          { region: REPLICA, says: 'usable', withdrawnBy: null },
        ],
      });
      expect(steps['measuring']).toMatchObject({ step: 'measuring', guide: { commands: [] }, cutOffBy: null });
      expect(steps['off']).toMatchObject({
        guide: { commands: [expect.stringContaining('enable-key'), expect.stringContaining('enable-key')] },
        cutOffBy: expect.any(String),
        regions: [{ says: 'refused', cause: 'key_disabled' }, { says: 'refused' }],
      });
      expect(steps['done']).toMatchObject({ state: 'completed', step: 'done', guide: null });
    });

    test('reports the seconds to the last unseal on any node and to recovery, in an order that holds', async () => {
      const report = (await drillOf(drill)).revocationReport;
      if (!report) throw new Error('there is no report');
      const { disabledAfter, disabledBy, cutOffBy, enabledAfter, recoveredBy, lastUnseal } = report;
      for (const order of [
        [disabledAfter, disabledBy, cutOffBy, recoveredBy],
        [disabledBy, enabledAfter ?? '', recoveredBy],
      ])
        expect(order).toEqual([...order].sort());
      const unsealed = (await eventsOf(world.here, { vaultId: vault.vaultId })).find(({ type }) => type === 'item.unsealed');
      expect(lastUnseal && lastUnseal.at >= (unsealed?.at.slice(0, 23) ?? 'none')).toBe(true);
      expect(report.secondsToLastUnseal).toBeGreaterThan(0);
      expect(report).toMatchObject({ cutOffCause: 'key_disabled', cutOffRegion: MAIN, dataKeyCacheSeconds: 60 });
      for (const region of [MAIN, REPLICA])
        expect(report.regions[region]).toEqual({ withdrawnBy: expect.any(String), returnedBy: expect.any(String) });
      expect(report.secondsToRecovery).toBeGreaterThan(0);
    });

    test('is on record: its start, its steps, its end with the report, and every request that it made of the vault key', async () => {
      const events = (await eventsOf(world.here, { vaultId: vault.vaultId })).reverse();
      // Recovery is a step of its own only where the look that sees the key enabled comes before a probe lets the vault serve.
      const own = events.filter(({ details }) => details['drillId'] === drill.id && details['step'] !== 'recovering');
      expect(own.filter(({ type }) => type !== 'drill.asked').map(({ type, details }) => [type, details['step']])).toEqual([
        ['drill.started', undefined],
        ['drill.progressed', 'measuring'],
        ['drill.progressed', 'waiting_for_enable'],
        ['drill.progressed', 'done'],
        ['drill.completed', undefined],
      ]);
      expect(own.at(-1)?.details).toMatchObject({ secondsToLastUnseal: expect.any(Number), secondsToRecovery: expect.any(Number) });
      for (const { calls } of own.filter(({ type }) => type === 'drill.asked')) expect(calls.length).toBeGreaterThan(0);
    });
  });

  test('goes on when its worker dies, and another one ends it', async () => {
    const vault = await aFilledVault(world, { dataKeyCacheSeconds: 0 });
    const drill = await started(vault.vaultId, 'revocation');
    await until(drill, ({ regions }) => regions.length === 2);
    await vault.customer.disableKey(MAIN);
    await until(drill, ({ step }) => step === 'waiting_for_enable');
    const before = await drillOf(drill);
    await world.keyhold.database.asAdmin(`UPDATE jobs SET fence = fence + 1 WHERE job_id = $1`, [drill.id]); // taken by nobody who works
    await world.keyhold.database.asAdmin(
      `SELECT graphile_worker.add_job('run-job', json_build_object('workspaceId', $1::uuid, 'id', $2::uuid))`,
      [world.acme.id, drill.id],
    );
    await vault.customer.enableKey(MAIN);
    await until(drill, ({ step }) => step === 'recovering');
    await world.here('POST', `/vaults/${vault.vaultId}/verify`);
    const done = await until(drill, isOver);
    expect(done).toMatchObject({ state: 'completed', cutOffBy: before.cutOffBy });
    expect((await eventsOf(world.here, { vaultId: vault.vaultId })).filter(({ type }) => type === 'drill.completed')).toHaveLength(1);
  });

  test('is one at a time for a vault, of whichever kind, and any number for a workspace', async () => {
    const [vault, other] = [await aFilledVault(world), await aFilledVault(world)];
    const drill = await started(vault.vaultId, 'revocation');
    for (const kind of ['revocation', 'region'] as const)
      expect(await start(vault.vaultId, kind)).toMatchObject({ status: 409, body: { code: 'drill_under_way' } });
    await cancel(await started(other.vaultId, 'revocation'));
    expect(await cancel(drill)).toMatchObject({ status: 200, body: { state: 'cancelled', guide: null } });
    expect(await cancel(drill)).toMatchObject({ status: 409, body: { code: 'drill_is_over' } });
    await cancel(await started(vault.vaultId, 'revocation'));
  });

  test('fails when it is not over in time, and says at which step', async () => {
    const vault = await aFilledVault(world);
    const drill = await started(vault.vaultId, 'revocation', { timeLimitMinutes: 1 });
    expect(Date.parse(drill.expiresAt ?? '') - Date.parse(drill.createdAt)).toBe(60_000);
    await world.keyhold.database.asAdmin(`UPDATE jobs SET created_at = created_at - interval '1 minute' WHERE job_id = $1`, [drill.id]);
    const restart = `SELECT graphile_worker.add_job('run-job', json_build_object('workspaceId', $1::uuid, 'id', $2::uuid))`;
    await world.keyhold.database.asAdmin(`UPDATE jobs SET fence = fence + 1 WHERE job_id = $1`, [drill.id]);
    await world.keyhold.database.asAdmin(restart, [world.acme.id, drill.id]);
    expect(await until(drill, isOver)).toMatchObject({
      state: 'failed',
      cause: 'waiting_for_disable_took_too_long',
      revocationReport: null,
    });
    expect((await eventsOf(world.here, { vaultId: vault.vaultId })).map(({ type }) => type)).toContain('drill.failed');
  });

  test('needs a key that works, and one that a customer can withdraw', async () => {
    const vault = await aFilledVault(world);
    await vault.customer.disableKey(MAIN);
    await world.here('POST', `/vaults/${vault.vaultId}/verify`);
    expect(await start(vault.vaultId, 'revocation')).toMatchObject({ status: 409, body: { code: 'vault_key_refused' } });
    const mine = await aDefaultVault(world.acme, { name: 'No customer' });
    for (const kind of ['revocation', 'region'] as const)
      expect(await start(mine, kind)).toMatchObject({ status: 409, body: { code: 'drill_not_possible' } });
  });

  test.each([[{ timeLimitMinutes: 0 }], [{ timeLimitMinutes: 241 }], [{ timeLimitMinutes: 1.5 }], [{ canary: 'x' }]])(
    'takes no %j',
    async (body) => {
      expect(await start(world.acme.defaultVaultId, 'revocation', body)).toMatchObject({
        status: 400,
        body: { code: 'validation_failed' },
      });
    },
  );
});

describe('a Region drill', () => {
  test('has the replica unwrap a data key in use and a new one, asks no other Region, and changes nothing of other requests', async () => {
    const vault = await aFilledVault(world);
    const { lastSeq } = await world.keyhold.sandbox.control.ledger();
    const drill = await until(await started(vault.vaultId, 'region'), isOver);
    expect(drill).toMatchObject({
      state: 'completed',
      regionReport: {
        region: REPLICA,
        serves: true,
        dataKeyId: expect.any(String),
        checks: [
          { check: 'unwrap_stored_data_key', ok: true, awsRequestId: expect.any(String) },
          { check: 'wrap', ok: true },
          { check: 'unwrap', ok: true },
        ],
      },
    });
    const { calls } = await world.keyhold.sandbox.control.ledger(lastSeq);
    const kms = calls.filter(({ service, keyId }) => service === 'kms' && keyId === vault.customer.keyId);
    expect(kms.map(({ operation, region }) => [operation, region])).toEqual([
      ['Decrypt', REPLICA],
      ['Encrypt', REPLICA],
      ['Decrypt', REPLICA],
    ]);
    const { result, calls: after } = await world.keyhold.sandbox.control.callsDuring(() => unsealing(world.here, vault));
    expect([result.status, after]).toEqual([200, []]);
    const completed = (await eventsOf(world.here, { vaultId: vault.vaultId })).find(({ type }) => type === 'drill.completed');
    expect(completed?.calls).toHaveLength(
      3 + calls.filter(({ service, operation }) => service === 'sts' && operation === 'AssumeRole').length,
    );
  });

  test('serves while the main Region is down', async () => {
    const vault = await aFilledVault(world);
    await world.keyhold.sandbox.control.fault({ service: 'kms', region: MAIN, fault: { kind: 'reset' } });
    const drill = await until(await started(vault.vaultId, 'region'), isOver);
    await world.keyhold.sandbox.control.clearFaults();
    expect(drill).toMatchObject({ state: 'completed', regionReport: { serves: true } });
  });

  test('fails when the replica refuses, says why, and takes nothing away from the main Region', async () => {
    const vault = await aFilledVault(world, { dataKeyCacheSeconds: 0 });
    await vault.customer.disableKey(REPLICA);
    const drill = await until(await started(vault.vaultId, 'region'), isOver);
    expect(drill).toMatchObject({
      state: 'failed',
      cause: 'replica_does_not_serve',
      regionReport: { serves: false, checks: [{ ok: false, cause: 'key_disabled', awsError: 'DisabledException' }, { ok: false }] },
    });
    expect((await world.here('GET', `/vaults/${vault.vaultId}`)).body).toMatchObject({ keyHealth: 'healthy' });
    expect((await unsealing(world.here, vault)).status).toBe(200);
  });
});

describe('the list of drills', () => {
  test('is the vault’s own, newest first, page by page; another one’s are not there', async () => {
    const [vault, other, globex] = [await aFilledVault(world), await aFilledVault(world), await world.keyhold.aWorkspace()];
    const ids: string[] = [];
    for (let i = 0; i < 3; i += 1) ids.push((await until(await started(vault.vaultId, 'region'), isOver)).id);
    const first = await world.here('GET', `/vaults/${vault.vaultId}/drills?limit=2`);
    const second = await world.here('GET', `/vaults/${vault.vaultId}/drills?limit=2&cursor=${first.body.nextCursor as string}`);
    expect([...first.body.data, ...second.body.data].map(({ id }: DrillView) => id)).toEqual(ids.reverse());
    for (const path of [`/vaults/${other.vaultId}/drills/${ids[0]}`, `/vaults/${vault.vaultId}/drills/x`])
      expect(await world.here('GET', path)).toMatchObject({ status: 404, body: { code: 'drill_not_found' } });
    for (const [method, path] of [
      ['GET', ''],
      ['GET', `/${ids[0]}`],
      ['POST', `/${ids[0]}/cancel`],
      ['POST', '/region'],
      ['POST', '/revocation'],
    ] as const)
      expect(await globex.call(method, `/vaults/${vault.vaultId}/drills${path}`)).toMatchObject({
        status: 404,
        body: { code: 'vault_not_found' },
      });
  });

  test('is for all who may see vaults, and drills are for those who manage them', async () => {
    const vault = await aFilledVault(world);
    const [user, admin] = [await aMember(world.keyhold, world.acme, 'user'), await aMember(world.keyhold, world.acme, 'admin')];
    const by = async (call: typeof world.here, method: string, path: string) =>
      (await call(method, `/vaults/${vault.vaultId}/drills${path}`)).status;
    expect([await by(user.call, 'GET', ''), await by(user.call, 'POST', '/region'), await by(admin.call, 'POST', '/region')]).toEqual([
      200, 403, 201,
    ]);
  });
});
