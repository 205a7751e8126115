import { randomUUID } from 'node:crypto';
import { type Customer, aCustomer } from './customer.js';
import type { Keyhold, Workspace } from './service.js';

export interface VaultOrder {
  name?: string;
  itemsPerDataKey?: number;
  dataKeyCacheSeconds?: number;
  setAsDefault?: boolean;
}

/** A vault under the service's root key; answers its id. */
export async function aDefaultVault(workspace: Workspace, order: VaultOrder = {}): Promise<string> {
  return created(workspace, { name: 'Cloud 2', strategy: 'default', ...order });
}

/** A vault under the key of `customer`, or of a new one. */
export async function anAwsKmsVault(
  keyhold: Keyhold,
  workspace: Workspace,
  order: VaultOrder = {},
  known?: Customer,
): Promise<{ vaultId: string; customer: Customer }> {
  const customer = known ?? (await aCustomer(keyhold.sandbox, { externalId: workspace.id, principalArn: keyhold.platform.principalArn }));
  const vaultId = await created(workspace, { name: 'Production', strategy: 'aws-kms', awsKms: customer.target, ...order });
  return { vaultId, customer };
}

/** A vault under a key that the service makes for it; answers its id. */
export async function aManagedVault(workspace: Workspace, order: VaultOrder = {}): Promise<string> {
  return created(workspace, { name: `Managed ${randomUUID()}`, strategy: 'managed', ...order });
}

/** One that can go back to the key that it left, while nothing is under way. */
export async function aRekeyedVault(keyhold: Keyhold, workspace: Workspace, order: VaultOrder = {}): Promise<string> {
  const { vaultId } = await anAwsKmsVault(keyhold, workspace, order);
  const { status, body, text } = await workspace.call('POST', `/vaults/${vaultId}/rekey`, { strategy: 'default' });
  if (status !== 200) throw new Error(`moving a vault to another key: ${status} ${text}`);
  await workspace.call('POST', `/jobs/${body.job.id as string}/cancel`);
  return vaultId;
}

async function created(workspace: Workspace, body: object): Promise<string> {
  const { status, body: answer, text } = await workspace.call('POST', '/vaults', body);
  if (status !== 201) throw new Error(`creating a vault: ${status} ${text}`);
  return (answer as { vault: { id: string } }).vault.id;
}
