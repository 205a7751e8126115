import { eventually } from './eventually.js';
import type { Keyhold, Workspace } from './service.js';

/** What `GET /vaults/:id/health` answers. */
export interface ToldHealth {
  health: string;
  cause: string | null;
  region: string | null;
  awsError: string | null;
  awsRequestId: string | null;
  since: string;
  lastGoodAt: string | null;
  deletionDate: string | null;
  daysLeft: number | null;
  externalIdProvenAt: string | null;
  checkedAt: string | null;
  nextCheckAt: string;
  lastUsedAt: string | null;
  regions: Omit<ToldHealth, 'regions' | 'lastUsedAt' | 'nextCheckAt' | 'externalIdProvenAt'>[];
}

export const healthOf = async ({ call }: Workspace, vaultId: string): Promise<ToldHealth> =>
  (await call('GET', `/vaults/${vaultId}/health`)).body as ToldHealth;

/** Lets the time pass that workers wait before they ask a vault's key again. */
export async function letProbeBeDue({ database }: Pick<Keyhold, 'database'>, vaultId: string): Promise<void> {
  await database.asAdmin(`UPDATE vault_probes SET next_probe_at = now() WHERE vault_id = $1`, [vaultId]);
}

/** Lets a day pass for what is asked once a day. */
export async function letExternalIdBeDue({ database }: Pick<Keyhold, 'database'>, vaultId: string): Promise<void> {
  await database.asAdmin(`UPDATE vault_probes SET next_probe_at = now(), next_external_id_check_at = now() WHERE vault_id = $1`, [vaultId]);
}

/** How the key was found by the next probe that a worker begins by itself. */
export async function nextProbe(keyhold: Pick<Keyhold, 'database'>, workspace: Workspace, vaultId: string): Promise<ToldHealth> {
  const { checkedAt } = await healthOf(workspace, vaultId);
  await letProbeBeDue(keyhold, vaultId);
  return eventually(
    () => healthOf(workspace, vaultId),
    (told) => told.checkedAt !== checkedAt,
    { withinMs: 40_000 },
  );
}
