import type { Queries } from '#audit';
import { BoxError } from '../box-error.js';
import { countGrants } from './grant-store.js';

/** Of one box, the owner group's among them. */
export const GRANTS_MAX = 500;

/** For one more; under the lock of the box. Throws `grant_quota_reached`. */
export async function requireRoomForGrant(tx: Queries, boxId: string): Promise<void> {
  if ((await countGrants(tx, boxId)) >= GRANTS_MAX) throw new BoxError('grant_quota_reached');
}
