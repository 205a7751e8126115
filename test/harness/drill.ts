import type { DrillView } from '#drills';
import { type Customer, REGIONS } from './customer.js';
import { eventually } from './eventually.js';
import type { Workspace } from './service.js';

/** Cancels what is under way: of each vault there is one drill at a time. */
export async function endDrills({ call }: Workspace, vaultId: string): Promise<void> {
  const drills = `/vaults/${vaultId}/drills`;
  const { data } = (await call('GET', drills)).body as { data: { id: string; state: string }[] };
  for (const { id } of data.filter(({ state }) => ['queued', 'running', 'paused'].includes(state)))
    await call('POST', `${drills}/${id}/cancel`);
}

/** The only one of the vault that is under way; answers its id. */
export async function aRegionDrill(workspace: Workspace, vaultId: string): Promise<string> {
  await endDrills(workspace, vaultId);
  const { status, body, text } = await workspace.call('POST', `/vaults/${vaultId}/drills/region`);
  if (status !== 201) throw new Error(`starting a drill: ${status} ${text}`);
  return body.id as string;
}

/** Does what a revocation drill of a vault whose keys are never kept open asks of the customer, to its end. */
export async function followRevocationDrill({ call }: Workspace, vaultId: string, drillId: string, customer: Customer): Promise<void> {
  const until = (isSo: (drill: DrillView) => boolean) =>
    eventually(async () => (await call('GET', `/vaults/${vaultId}/drills/${drillId}`)).body as DrillView, isSo, { withinMs: 60_000 });
  const regions = [REGIONS.main, REGIONS.replica];
  await until((drill) => drill.regions.length === regions.length);
  for (const region of regions) await customer.disableKey(region);
  await until(({ step }) => step === 'waiting_for_enable');
  for (const region of regions) await customer.enableKey(region);
  await call('POST', `/vaults/${vaultId}/verify`);
  await until(({ state }) => state === 'completed');
}
