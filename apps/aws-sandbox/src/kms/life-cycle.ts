import { type KeyFamily, type RegionalKey } from './key.js';

const DAY_MS = 86_400_000;

export const afterDays = (ms: number, days: number): number => ms + days * DAY_MS;

/**
 * Carries out what has fallen due: deletes the keys whose waiting period is over, and starts the waiting period of a
 * primary at the moment its last replica went.
 * @param onDelete told of each key that is gone, before it is forgotten
 */
export function settleDeletions(family: KeyFamily, now: number, onDelete: (own: RegionalKey, at: number) => void): void {
  let lastReplicaGoneAt = 0;
  for (const [region, own] of family.regional) {
    if (own.standing !== 'PendingDeletion' || own.deletesAt === undefined || own.deletesAt > now) continue;
    onDelete(own, own.deletesAt);
    family.regional.delete(region);
    lastReplicaGoneAt = Math.max(lastReplicaGoneAt, own.deletesAt);
  }
  const primary = family.regional.get(family.primaryRegion);
  if (family.regional.size !== 1 || primary?.standing !== 'PendingReplicaDeletion') return;
  primary.standing = 'PendingDeletion';
  primary.deletesAt = afterDays(lastReplicaGoneAt || now, primary.pendingWindowDays ?? 0);
  settleDeletions(family, now, onDelete); // its own waiting period may be over too
}
