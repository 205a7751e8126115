import type { VaultHealthView } from '#key-health';
import { eventually } from './eventually.js';
import type { Keyhold, Workspace } from './service.js';

export const healthOf = async ({ call }: Workspace, vaultId: string): Promise<VaultHealthView> =>
  (await call('GET', `/vaults/${vaultId}/health`)).body as VaultHealthView;

/** Lets the time pass that workers wait before they ask a vault's key again. */
export async function letProbeBeDue({ database }: Pick<Keyhold, 'database'>, vaultId: string): Promise<void> {
  await database.asAdmin(`UPDATE vault_probes SET next_probe_at = now() WHERE vault_id = $1`, [vaultId]);
}

/** Lets a day pass for what is asked once a day. */
export async function letExternalIdBeDue({ database }: Pick<Keyhold, 'database'>, vaultId: string): Promise<void> {
  await database.asAdmin(`UPDATE vault_probes SET next_probe_at = now(), next_external_id_check_at = now() WHERE vault_id = $1`, [vaultId]);
}

/** How the key was found by the next probe that a worker begins by itself. */
export async function nextProbe(keyhold: Pick<Keyhold, 'database'>, workspace: Workspace, vaultId: string): Promise<VaultHealthView> {
  const { checkedAt } = await healthOf(workspace, vaultId);
  await letProbeBeDue(keyhold, vaultId);
  return eventually(
    () => healthOf(workspace, vaultId),
    (told) => told.checkedAt !== checkedAt,
    { withinMs: 40_000 },
  );
}
