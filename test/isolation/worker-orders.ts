import { randomUUID } from 'node:crypto';
import { aBox } from '../harness/box.js';
import { type Customer, REGIONS } from '../harness/customer.js';
import { aRegionDrill, followRevocationDrill } from '../harness/drill.js';
import { eventually } from '../harness/eventually.js';
import { anItem } from '../harness/item.js';
import type { Keyhold, Workspace } from '../harness/service.js';
import { letProbeBeDue } from '../harness/vault-health.js';
import { aDefaultVault, aManagedVault, anAwsKmsVault } from '../harness/vault.js';
import { aDelivery, aWebhook } from '../harness/webhook.js';

/** What stands there for workers to do, and how one sees that it is done. */
export interface WorkerOrders {
  jobIds: readonly string[];
  deliveryIds: readonly string[];
  drill: { vaultId: string; drillId: string; customer: Customer };
  overtaken: OvertakenMove;
}

/** An item that a job moves, which cannot open it until `lift` is called. */
interface OvertakenMove {
  itemId: string;
  jobId: string;
  keyId: string;
  lift: () => Promise<void>;
}

interface Filled {
  vaultId: string;
  itemId: string;
  customer: Customer;
}

/** By what receivers answer, what becomes of telling them. */
const RECEIVERS: Readonly<Record<string, number>> = { '/takes-it': 200, '/is-away': 503, '/is-gone': 410 };
const EMAIL = 'keys@acme.example';

/** Under a customer's key, and with an item. */
async function aFilledVault(keyhold: Keyhold, workspace: Workspace, order = {}): Promise<Filled> {
  const made = await anAwsKmsVault(keyhold, workspace, { name: `Vault ${randomUUID()}`, ...order });
  return { ...made, itemId: await anItem(workspace, { secret: randomUUID() }, { vaultId: made.vaultId }) };
}

/** The job. */
async function ordered({ call }: Workspace, path: string, body?: object): Promise<string> {
  const { status, body: order, text } = await call('POST', path, body);
  if (status !== 200) throw new Error(`POST ${path}: ${status} ${text}`);
  return order.job.id as string;
}

const jobsEnded = ({ database }: Keyhold, jobIds: readonly string[]): Promise<unknown> =>
  eventually(
    () => database.asAdmin(`SELECT job_id, kind, state FROM jobs WHERE job_id = ANY ($1) AND state <> 'completed'`, [jobIds]),
    (rows) => rows.length === 0,
    { withinMs: 90_000 },
  );

/** Vaults that workers have moved to another key, in full, by what becomes of them. */
export interface RekeyedVaults {
  goesBack: string;
  /** Out of a key that the service had made for it. */
  stays: string;
  /** With nothing in it. */
  isDeleted: string;
}

export async function rekeyedVaults(keyhold: Keyhold, workspace: Workspace, env: NodeJS.ProcessEnv): Promise<RekeyedVaults> {
  const [goesBack, isDeleted, stays] = [
    await aFilledVault(keyhold, workspace),
    await aFilledVault(keyhold, workspace),
    await aManagedVault(workspace),
  ];
  await anItem(workspace, { secret: randomUUID() }, { vaultId: stays });
  const jobIds: string[] = [];
  for (const vaultId of [goesBack.vaultId, isDeleted.vaultId, stays])
    jobIds.push(await ordered(workspace, `/vaults/${vaultId}/rekey`, { strategy: 'default' }));
  const worker = await keyhold.aWorker({ env });
  await jobsEnded(keyhold, jobIds);
  await worker.stop();
  await workspace.call('DELETE', `/items/${isDeleted.itemId}`);
  return { goesBack: goesBack.vaultId, stays, isDeleted: isDeleted.vaultId };
}

/** One of everything that is ordered in requests, or comes of events. */
export async function leaveOrders(keyhold: Keyhold, workspace: Workspace, { goesBack, stays }: RekeyedVaults): Promise<WorkerOrders> {
  await keyhold.database.asAdmin(
    `UPDATE vault_keys SET undo_until = now() - interval '1 second' WHERE vault_id = $1 AND undo_until IS NOT NULL`,
    [stays],
  );
  const deliveryIds = await leaveDeliveries(keyhold, workspace);
  const jobIds = [await ordered(workspace, `/vaults/${goesBack}/rekey/undo`), ...(await leaveMoves(keyhold, workspace))];
  const { vaultId } = await aFilledVault(keyhold, workspace);
  const overtaken = await anOvertakenMove(keyhold, workspace);
  jobIds.push(await aRegionDrill(workspace, vaultId), overtaken.jobId);
  await leaveProbes(keyhold, workspace);
  return { jobIds, deliveryIds, overtaken, drill: await aRevocationDrill(keyhold, workspace) };
}

async function leaveMoves(keyhold: Keyhold, workspace: Workspace): Promise<string[]> {
  const [rekeyed, source] = [await aFilledVault(keyhold, workspace), await aDefaultVault(workspace, { name: `Vault ${randomUUID()}` })];
  const itemId = await anItem(workspace, { secret: randomUUID() }, { vaultId: source });
  await workspace.call('PUT', `/items/${itemId}`, { payload: { secret: randomUUID() } });
  await workspace.call('POST', '/seal', { vaultId: source, context: 'c', payload: { secret: randomUUID() } });
  return [
    await ordered(workspace, '/item-moves', { sourceVaultId: source, targetVaultId: rekeyed.vaultId }),
    await ordered(workspace, `/vaults/${rekeyed.vaultId}/rekey`, { strategy: 'default' }),
  ];
}

/** Nobody but the job asks for the key. */
async function anOvertakenMove(keyhold: Keyhold, workspace: Workspace): Promise<OvertakenMove> {
  const { vaultId, itemId, customer } = await aFilledVault(keyhold, workspace);
  const jobId = await ordered(workspace, '/item-moves', { sourceVaultId: vaultId, targetVaultId: workspace.defaultVaultId });
  await keyhold.database.asAdmin('DELETE FROM vault_probes WHERE vault_id = $1', [vaultId]);
  const { keyId } = customer;
  return { itemId, jobId, keyId, lift: await keyhold.sandbox.control.fault({ keyId, service: 'kms', fault: { kind: 'reset' } }) };
}

/** The job has read the item, and tries to open it. */
async function overtake({ sandbox }: Keyhold, workspace: Workspace, { itemId, keyId, lift }: OvertakenMove): Promise<void> {
  await eventually(
    async () => (await sandbox.control.ledger()).calls.filter((call) => call.keyId === keyId && call.outcome === 'fault:reset'),
    (calls) => calls.length > 0,
    { withinMs: 60_000, everyMs: 200 },
  );
  await workspace.call('POST', `/items/${itemId}/box`, { boxId: await aBox(workspace) });
  await lift();
}

async function aRevocationDrill(keyhold: Keyhold, workspace: Workspace): Promise<WorkerOrders['drill']> {
  const { vaultId, itemId, customer } = await aFilledVault(keyhold, workspace, { dataKeyCacheSeconds: 0 });
  const { status, body, text } = await workspace.call('POST', `/vaults/${vaultId}/drills/revocation`);
  if (status !== 201) throw new Error(`starting a drill: ${status} ${text}`);
  await workspace.call('POST', `/items/${itemId}/unseal`);
  return { vaultId, drillId: body.id as string, customer };
}

/** A key of which nobody has heard yet that it was withdrawn, and that is due to be asked. */
async function leaveProbes(keyhold: Keyhold, workspace: Workspace): Promise<void> {
  const { vaultId, customer } = await anAwsKmsVault(keyhold, workspace, { name: `Vault ${randomUUID()}` });
  await customer.disableKey(REGIONS.main);
  await letProbeBeDue(keyhold, vaultId);
}

/** Of each outcome one, and events of which nobody has been told at all. */
async function leaveDeliveries(keyhold: Keyhold, workspace: Workspace): Promise<string[]> {
  const place = keyhold.places[2];
  if (!place) throw new Error('there is no place for receivers');
  place.serve((request, response) => void response.writeHead(RECEIVERS[request.url ?? ''] ?? 500).end());
  await workspace.call('PUT', '/alert-settings', { emails: [EMAIL], eventTypes: ['job.completed'] });
  const deliveryIds = [await aDelivery(keyhold, workspace.id, { email: EMAIL }, 'waiting')];
  for (const path of Object.keys(RECEIVERS)) {
    const { id: webhookId } = await aWebhook(keyhold, workspace, { url: `${place.origin}${path}` });
    deliveryIds.push(await aDelivery(keyhold, workspace.id, { webhookId }, 'waiting'));
    await workspace.call('POST', `/webhooks/${webhookId}/test`);
  }
  return deliveryIds;
}

/** To be awaited while a worker works. */
export async function ordersDone(keyhold: Keyhold, workspace: Workspace, orders: WorkerOrders): Promise<void> {
  const { jobIds, deliveryIds, drill, overtaken } = orders;
  await overtake(keyhold, workspace, overtaken);
  await followRevocationDrill(workspace, drill.vaultId, drill.drillId, drill.customer);
  await jobsEnded(keyhold, jobIds);
  await eventually(
    () => keyhold.database.asAdmin(`SELECT 1 FROM alert_deliveries WHERE delivery_id = ANY ($1) AND attempts = 0`, [deliveryIds]),
    (rows) => rows.length === 0,
    { withinMs: 60_000 },
  );
}
