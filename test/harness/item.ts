import type { Workspace } from './service.js';

/** Seals a secret; answers the item's id. Without a vault it goes to the workspace's default vault. */
export async function anItem(workspace: Workspace, payload: object = { value: 1 }, more: object = {}): Promise<string> {
  const { status, body, text } = await workspace.call('POST', '/items', { kind: 'secret', name: 'n', payload, ...more });
  if (status !== 201) throw new Error(`sealing an item: ${status} ${text}`);
  return (body as { id: string }).id;
}
