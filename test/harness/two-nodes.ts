import { randomUUID } from 'node:crypto';
import { type Answer, type Client, aClient } from './client.js';
import type { Customer } from './customer.js';
import { type Keyhold, type Workspace, startKeyhold } from './service.js';
import { type VaultOrder, anAwsKmsVault } from './vault.js';

/** A workspace whose owner works with two nodes of one service. */
export interface TwoNodes {
  keyhold: Keyhold;
  acme: Workspace;
  here: Client;
  there: Client;
  /** One more that has nothing in memory. */
  aColdNode(): Promise<Client>;
}

export async function twoNodes(): Promise<TwoNodes> {
  const keyhold = await startKeyhold();
  const acme = await keyhold.aWorkspace('Acme');
  const aColdNode = async () => aClient(`${(await keyhold.anotherNode()).url}/v1/workspaces/${acme.id}`, acme.token);
  return { keyhold, acme, here: acme.call, there: await aColdNode(), aColdNode };
}

/** A vault under a customer's key, with something in it. */
export interface FilledVault {
  vaultId: string;
  customer: Customer;
  itemId: string;
  /** Sealed for a caller that keeps it. */
  token: { context: string; sealed: string };
}

/** Both nodes have sealed into it and have open what is in it. */
export async function aFilledVault({ keyhold, acme, here, there }: TwoNodes, order: VaultOrder = {}): Promise<FilledVault> {
  const { vaultId, customer } = await anAwsKmsVault(keyhold, acme, { name: `Vault ${randomUUID()}`, ...order });
  const created = await sealing(here, vaultId);
  const sealed = await here('POST', '/seal', { vaultId, context: 'c', payload: { kept: 'elsewhere' } });
  const token = { context: 'c', sealed: sealed.body.sealed as string };
  const filled = { vaultId, customer, itemId: created.body.id as string, token };
  const answers = [created, sealed, await sealing(there, vaultId)];
  for (const node of [here, there]) answers.push(...(await Promise.all(readings(node, filled))));
  const failed = answers.find(({ status }) => status >= 400);
  if (failed) throw new Error(`filling a vault: ${failed.text}`);
  return filled;
}

export const sealing = (node: Client, vaultId: string): Promise<Answer> =>
  node('POST', '/items', { kind: 'secret', name: 'Robot', vaultId, payload: { password: 'correct horse' } });

export const unsealing = (node: Client, { itemId }: FilledVault): Promise<Answer> => node('POST', `/items/${itemId}/unseal`);

/** Every way to get something out of the vault. */
export const readings = (node: Client, vault: FilledVault): Promise<Answer>[] => [
  unsealing(node, vault),
  node('GET', `/items/${vault.itemId}/export`),
  node('POST', '/unseal', vault.token),
];

/** Every way to put something in. */
export const writings = (node: Client, { vaultId, itemId }: FilledVault): Promise<Answer>[] => [
  sealing(node, vaultId),
  node('PUT', `/items/${itemId}`, { payload: { password: 'new' } }),
  node('POST', '/seal', { vaultId, context: 'c', payload: {} }),
];

export const statusesOf = async (answers: Promise<Answer>[]): Promise<number[]> => (await Promise.all(answers)).map(({ status }) => status);
