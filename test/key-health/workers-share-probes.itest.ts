import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { aCustomer } from '../harness/customer.js';
import { eventually } from '../harness/eventually.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';
import { anAwsKmsVault } from '../harness/vault.js';
import { healthOf, letProbeBeDue } from '../harness/vault-health.js';

jest.setTimeout(120_000);

const VAULTS = 12;
const PER_WORKSPACE_AND_WORKER = 4;

describe('workers that share the probes', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  let globex: Workspace;
  const vaults = new Map<string, string>();

  beforeAll(async () => {
    keyhold = await startKeyhold();
    [acme, globex] = [await keyhold.aWorkspace('Acme'), await keyhold.aWorkspace('Globex')];
    for (let at = 0; at < VAULTS; at += 1) await aVaultOf(acme, `Acme ${at}`);
  });
  afterAll(() => keyhold.stop());

  async function aVaultOf(workspace: Workspace, name: string): Promise<string> {
    const order = { externalId: workspace.id, principalArn: keyhold.platform.principalArn };
    const customer = await aCustomer(keyhold.sandbox, order);
    const { vaultId } = await anAwsKmsVault(keyhold, workspace, { name }, customer);
    vaults.set(vaultId, customer.keyId);
    return vaultId;
  }
  const makeAllDue = () => keyhold.database.asAdmin(`UPDATE vault_probes SET next_probe_at = now()`);
  const stillDue = async () =>
    (await keyhold.database.asAdmin(`SELECT FROM vault_probes WHERE next_probe_at <= now() OR claimed_until > now()`)).length;

  test('ask each key that is due once, however many of them look', async () => {
    const workers = [await keyhold.aWorker(), await keyhold.aWorker()];
    await eventually(stillDue, (count) => count === 0);
    const { calls } = await keyhold.sandbox.control.callsDuring(async () => {
      await makeAllDue();
      await eventually(stillDue, (count) => count === 0, { withinMs: 60_000 });
    });
    const described = calls.filter(({ operation }) => operation === 'DescribeKey');
    const counts = [...vaults.values()].map((keyId) => described.filter((call) => call.keyId === keyId).length);
    expect(counts).toEqual(Array.from({ length: VAULTS }, () => 2)); // one for each Region
    await Promise.all(workers.map((worker) => worker.stop()));
  });

  test('take up a probe that died with its worker, once its claim is over, and its late finding counts for nothing', async () => {
    const [vaultId = ''] = vaults.keys();
    await keyhold.database.asAdmin(`UPDATE vault_probes SET next_probe_at = now() + interval '1 hour'`);
    const lift = await keyhold.sandbox.control.fault({ service: 'sts', fault: { kind: 'latency', ms: 2_500 } });
    const first = await keyhold.aWorker();
    await letProbeBeDue(keyhold, vaultId);
    await eventually(claimOf(vaultId), ({ claimed }) => claimed);
    first.process.kill('SIGSTOP');
    await lift();
    const { checkedAt } = await healthOf(acme, vaultId);
    const second = await keyhold.aWorker();
    expect((await healthOf(acme, vaultId)).checkedAt).toBe(checkedAt);
    await keyhold.database.asAdmin(`UPDATE vault_probes SET claimed_until = now() WHERE vault_id = $1`, [vaultId]);
    const { checkedAt: checkedAgain } = await eventually(
      () => healthOf(acme, vaultId),
      (told) => told.checkedAt !== checkedAt,
    );
    const { fence } = await claimOf(vaultId)();
    first.process.kill('SIGCONT');
    await first.stop(); // which waits for what it had under way
    expect((await healthOf(acme, vaultId)).checkedAt).toBe(checkedAgain);
    expect((await claimOf(vaultId)()).fence).toBe(fence);
    await second.stop();
  });

  const claimOf = (vaultId: string) => async () => {
    const [row] = await keyhold.database.asAdmin<{ claimed: boolean; fence: string }>(
      `SELECT coalesce(claimed_until > now(), false) AS claimed, fence FROM vault_probes WHERE vault_id = $1`,
      [vaultId],
    );
    return row ?? { claimed: false, fence: '' };
  };

  test('hold up nobody for a workspace whose keys all hang', async () => {
    const vaultId = await aVaultOf(globex, 'Globex');
    for (const keyId of [...vaults.values()].slice(0, VAULTS))
      await keyhold.sandbox.control.fault({ keyId, service: 'kms', fault: { kind: 'black-hole' } });
    await keyhold.database.asAdmin(`UPDATE vault_probes SET next_probe_at = now() - interval '1 minute' WHERE vault_id <> $1`, [vaultId]);
    await letProbeBeDue(keyhold, vaultId);
    const { checkedAt } = await healthOf(globex, vaultId);
    const worker = await keyhold.aWorker();
    await eventually(
      () => healthOf(globex, vaultId),
      (told) => told.checkedAt !== checkedAt,
      { withinMs: 5_000 },
    );
    const claimed = await keyhold.database.asAdmin(`SELECT FROM vault_probes WHERE claimed_until > now() AND workspace_id = $1`, [acme.id]);
    expect(claimed.length).toBeLessThanOrEqual(PER_WORKSPACE_AND_WORKER);
    await worker.stop('SIGKILL');
  });
});
