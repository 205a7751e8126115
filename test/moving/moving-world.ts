import { randomUUID } from 'node:crypto';
import type { JobView } from '#jobs';
import { mapAtMost } from '../../libs/items/src/map-at-most.js';
import type { Answer } from '../harness/client.js';
import { type Customer, aCustomer } from '../harness/customer.js';
import { eventually } from '../harness/eventually.js';
import type { SandboxCall } from '../harness/sandbox.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';
import { type VaultOrder, anAwsKmsVault } from '../harness/vault.js';

/** A workspace whose administrators move things, and what they see of it. */
export interface MovingWorld {
  keyhold: Keyhold;
  acme: Workspace;
  aKey(): Promise<Customer>;
  aVault(order?: VaultOrder): Promise<{ vaultId: string; customer: Customer }>;
  /** Seals so many items; answers what is in each of their versions. */
  fill(vaultId: string, items: number, versions?: number): Promise<Sealed[]>;
  rekeyTo(vaultId: string, customer: Customer, more?: object): Promise<Answer>;
  /** What the key opens takes its time from now on; answers how to end that. */
  slowDown(customer: Customer): Promise<() => Promise<void>>;
  /** The job that an order began, in whatever state it comes to rest. */
  rest(order: Answer): Promise<JobView>;
  until(jobId: string, isSo: (job: JobView) => boolean): Promise<JobView>;
  /** Those that do not open, or not as they were sealed. */
  broken(sealed: readonly Sealed[]): Promise<string[]>;
  /** By vault key, how many data keys stand under it. */
  dataKeysOf(vaultId: string): Promise<Record<string, number>>;
  activeKeyOf(vaultId: string): Promise<string>;
  vaultsOf(sealed: readonly Sealed[]): Promise<string[]>;
  eventTypes(jobId: string): Promise<string[]>;
}

export interface Sealed {
  itemId: string;
  payloads: readonly object[];
}

const AT_REST: readonly string[] = ['completed', 'failed', 'paused', 'cancelled'];

export async function aMovingWorld(): Promise<MovingWorld> {
  const keyhold = await startKeyhold();
  const acme = await keyhold.aWorkspace('Acme');
  const until: MovingWorld['until'] = (jobId, isSo) =>
    eventually(async () => (await acme.call('GET', `/jobs/${jobId}`)).body as JobView, isSo, { withinMs: 40_000, everyMs: 30 });
  const aKey = () => aCustomer(keyhold.sandbox, { externalId: acme.id, principalArn: keyhold.platform.principalArn });
  const rows = <Row extends Record<string, unknown>>(text: string, values: unknown[]) => keyhold.database.asAdmin<Row>(text, values);
  return {
    keyhold,
    acme,
    aKey,
    until,
    aVault: (order = {}) => anAwsKmsVault(keyhold, acme, { name: `Vault ${randomUUID()}`, ...order }),
    fill: (vaultId, items, versions = 1) => mapAtMost(8, Array.from({ length: items }), () => anItemWithVersions(acme, vaultId, versions)),
    rekeyTo: (vaultId, { target }, more = {}) =>
      acme.call('POST', `/vaults/${vaultId}/rekey`, { strategy: 'aws-kms', awsKms: target, ...more }),
    slowDown: ({ keyId }) =>
      keyhold.sandbox.control.fault({ service: 'kms', operation: 'Decrypt', keyId, fault: { kind: 'latency', ms: 400 } }),
    rest: (order) => {
      if (!order.body?.job) throw new Error(`no job: ${order.text}`);
      return until(order.body.job.id as string, ({ state }) => AT_REST.includes(state));
    },
    async broken(sealed) {
      const outcomes = await mapAtMost(8, sealed, (one) => isBroken(acme, one));
      return sealed.filter((_one, at) => outcomes[at]).map(({ itemId }) => itemId);
    },
    async dataKeysOf(vaultId) {
      const counts = await rows<{ key: string; count: number }>(
        'SELECT vault_key_id AS key, count(*)::integer AS count FROM data_keys WHERE vault_id = $1 GROUP BY 1',
        [vaultId],
      );
      return Object.fromEntries(counts.map(({ key, count }) => [key, count]));
    },
    activeKeyOf: async (vaultId) =>
      (await rows<{ key: string }>('SELECT active_vault_key_id AS key FROM vaults WHERE vault_id = $1', [vaultId]))[0]?.key ?? '',
    async vaultsOf(sealed) {
      const ids = sealed.map(({ itemId }) => itemId);
      const found = await rows<{ vault: string }>(
        `SELECT vault_id AS vault FROM items WHERE item_id = ANY ($1) UNION SELECT vault_id FROM item_versions WHERE item_id = ANY ($1)`,
        [ids],
      );
      return found.map(({ vault }) => vault);
    },
    eventTypes: async (jobId) =>
      (await rows<{ type: string }>(`SELECT type FROM audit_events WHERE details->>'jobId' = $1 ORDER BY at, event_id`, [jobId])).map(
        ({ type }) => type,
      ),
  };
}

async function anItemWithVersions({ call }: Workspace, vaultId: string, versions: number): Promise<Sealed> {
  const payloads = Array.from({ length: versions }, () => ({ secret: randomUUID() }));
  const { status, body, text } = await call('POST', '/items', { kind: 'secret', name: 'n', vaultId, payload: payloads[0] });
  if (status !== 201) throw new Error(`sealing an item: ${text}`);
  for (const payload of payloads.slice(1)) await call('PUT', `/items/${body.id as string}`, { payload });
  return { itemId: body.id as string, payloads };
}

async function isBroken({ call }: Workspace, { itemId, payloads }: Sealed): Promise<boolean> {
  const opened = await Promise.all(payloads.map((_payload, at) => call('POST', `/items/${itemId}/unseal`, { version: at + 1 })));
  return opened.some(({ body }, at) => JSON.stringify(body.payload) !== JSON.stringify(payloads[at]));
}

/** How often each key of KMS was asked, by operation. */
export function kmsCallsOf(calls: readonly SandboxCall[], { keyId }: Customer): Record<string, number> {
  const own = calls.filter((call) => call.service === 'kms' && call.keyId === keyId);
  return Object.fromEntries([...Map.groupBy(own, ({ operation }) => operation ?? '')].map(([name, some]) => [name, some.length]));
}
