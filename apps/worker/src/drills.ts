import { LookAtVault, RunRegionDrill, RunRevocationDrill } from '#drills';
import type { Foundation } from './foundation.js';

/** With open data keys of its own, as every node has: what a drill sees is what a node does. */
export function revocationDrill({ database, vaultKeys, strategies, dataKeys }: Foundation): RunRevocationDrill {
  return new RunRevocationDrill(database, new LookAtVault(database, dataKeys(), vaultKeys, strategies));
}

export function regionDrill({ database, vaultKeys, strategies, rootKey }: Foundation): RunRegionDrill {
  return new RunRegionDrill(database, vaultKeys, strategies, rootKey);
}
