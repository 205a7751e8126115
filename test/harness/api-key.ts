import { randomUUID } from 'node:crypto';
import { type Action, RowMacs, mintApiKey } from '#access';
import { RootKey } from '#envelope';
import { type Client, aClient } from './client.js';
import type { Keyhold, Workspace } from './service.js';

export interface ServiceKey {
  id: string;
  token: string;
  call: Client;
}

export interface KeyOrder {
  scopes: readonly Action[];
  boxIds?: readonly string[];
  expiresAt?: string | null;
}

/** A key of a service, made by the one with every scope when nobody else is named. */
export async function aKey(keyhold: Keyhold, workspace: Workspace, order: KeyOrder, by: Client = workspace.call): Promise<ServiceKey> {
  const { status, body, text } = await by('POST', '/api-keys', { name: `Key ${randomUUID()}`, ...order });
  if (status !== 201) throw new Error(`making a key: ${status} ${text}`);
  const { apiKey, token } = body as { apiKey: { id: string }; token: string };
  return { id: apiKey.id, token, call: aClient(`${keyhold.url}/v1/workspaces/${workspace.id}`, token) };
}

/** A genuine key that nobody could have made over HTTP. */
export async function anImpossibleKey(
  { url, rootKey, database }: Keyhold,
  { id }: Workspace,
  order: Omit<KeyOrder, 'expiresAt'>,
): Promise<ServiceKey> {
  const macs = new RowMacs(RootKey.fromBytes(rootKey));
  const { apiKeyId, token, insert } = mintApiKey(macs, { workspaceId: id, name: 'Impossible', createdBy: 'test', ...order });
  await insert({ query: async ({ text }, values = []) => (await database.asAdmin(text, [id, ...values])) as never });
  return { id: apiKeyId, token, call: aClient(`${url}/v1/workspaces/${id}`, token) };
}
