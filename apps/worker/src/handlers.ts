import { ResealItems, ResealVersions } from '#items';
import type { JobHandler } from '#jobs';
import { MoveItemsJob, RekeyJob } from '#moving';
import { AskVaultKey, RewrapDataKey } from '#vaults';
import { regionDrill, revocationDrill } from './drills.js';
import type { Foundation } from './foundation.js';

/** Makes the handler of each kind of job. */
const HANDLERS: readonly ((parts: Foundation) => JobHandler)[] = [
  revocationDrill,
  regionDrill,
  (parts) => rekey(parts),
  (parts) => new MoveItemsJob('items.move', parts.database, resealItems(parts)),
  (parts) => new MoveItemsJob('vault.evacuation', parts.database, resealItems(parts)),
];

export function jobHandlers(parts: Foundation): readonly JobHandler[] {
  return HANDLERS.map((handler) => handler(parts));
}

function rekey({ database, vaultKeys, strategies, rootKey, recordRefusal }: Foundation): RekeyJob {
  const ask = new AskVaultKey(database, vaultKeys, strategies, recordRefusal);
  return new RekeyJob(database, new RewrapDataKey(database, ask, rootKey));
}

function resealItems({ database, dataKeys }: Foundation): ResealItems {
  return new ResealItems(database, new ResealVersions(dataKeys()));
}
