import { randomUUID } from 'node:crypto';
import { aRegionDrill } from '../harness/drill.js';
import type { Keyhold, Workspace } from '../harness/service.js';
import { aDefaultVault, aRekeyedVault, anAwsKmsVault } from '../harness/vault.js';
import { aWebhook, anEndedDelivery, webhookOrder } from '../harness/webhook.js';
import type { Thing } from './things.js';

/** Each of these can be done to a vault once, or until it ends. */
const VAULTS = 4;
const WEBHOOKS = 8;
const DELIVERIES = 4;

const aName = (): string => `Vault ${randomUUID()}`;

/** Webhooks with deliveries that can be replayed, and where webhooks may point: requests must name no other place. */
export async function thingsOfAlerts(keyhold: Keyhold, workspace: Workspace): Promise<Thing[]> {
  const things: Thing[] = [{ url: webhookOrder(keyhold).url }];
  for (let one = 0; one < WEBHOOKS; one += 1) {
    const { id: webhookId } = await aWebhook(keyhold, workspace);
    things.push({ webhookId });
    for (let nth = 0; nth < DELIVERIES; nth += 1)
      things.push({ webhookId, deliveryId: await anEndedDelivery(keyhold, workspace.id, webhookId) });
  }
  return things;
}

/** Vaults that are stopped, that were purged, that are drilled and that have left a key; and one that others can be moved to. */
export async function thingsOfVaults(keyhold: Keyhold, workspace: Workspace): Promise<Thing[]> {
  const things: Thing[] = [{ targetVaultId: await aDefaultVault(workspace, { name: aName() }) }];
  for (let nth = 0; nth < VAULTS; nth += 1) {
    things.push({ vaultId: await aStoppedVault(workspace, 'disable') }, { vaultId: await aStoppedVault(workspace, 'suspend') });
    things.push(await aPurge(workspace), await aDrill(keyhold, workspace), {
      vaultId: await aRekeyedVault(keyhold, workspace, { name: aName() }),
    });
  }
  return things;
}

async function aStoppedVault(workspace: Workspace, how: 'disable' | 'suspend'): Promise<string> {
  const vaultId = await aDefaultVault(workspace, { name: aName() });
  await workspace.call('POST', `/vaults/${vaultId}/${how}`);
  return vaultId;
}

async function aPurge(workspace: Workspace): Promise<Thing> {
  const vaultId = await aDefaultVault(workspace, { name: aName() });
  const { body } = await workspace.call('POST', `/vaults/${vaultId}/purge`);
  return { vaultId, purgeId: body.id as string };
}

async function aDrill(keyhold: Keyhold, workspace: Workspace): Promise<Thing> {
  const { vaultId } = await anAwsKmsVault(keyhold, workspace, { name: aName() });
  return { vaultId, drillId: await aRegionDrill(workspace, vaultId) };
}
