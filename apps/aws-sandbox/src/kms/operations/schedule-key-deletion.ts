import { camelCased } from '../../cloudtrail/camel-case.js';
import { integer, validation } from '../../wire/shape.js';
import { type Key, multiRegionKeyType } from '../key.js';
import { epochSeconds } from '../key-metadata.js';
import { checkState } from '../key-state-rules.js';
import { type KmsAnswer, kmsOperation } from '../kms-call.js';
import { afterDays } from '../life-cycle.js';
import { requiredKeyId } from '../request-members.js';
import { resolveKey } from '../resolve-key.js';

const WINDOW_DAYS = { min: 7, max: 30, unsaid: 30 } as const;

const shape = { KeyId: requiredKeyId, PendingWindowInDays: integer(1, 365) };

export const scheduleKeyDeletion = kmsOperation({
  shape,
  readOnly: false,
  trailRequest: ({ KeyId, PendingWindowInDays }) => ({ keyId: KeyId, pendingWindowInDays: PendingWindowInDays ?? WINDOW_DAYS.unsaid }),
  trailResponse: camelCased,
  run(call, { KeyId, PendingWindowInDays: days = WINDOW_DAYS.unsaid }) {
    const key = resolveKey(call, KeyId, { aliases: 'no' });
    refuseOddWindow(days);
    checkState(key, 'scheduleDeletion', call.now);
    key.own.pendingWindowDays = days;
    delete key.own.creatingUntil;
    return waitsForReplicas(key) ? awaitReplicas(key, days) : startWaiting(key, days, call.now);
  },
});

function refuseOddWindow(days: number): void {
  if (days >= WINDOW_DAYS.min && days <= WINDOW_DAYS.max) return;
  throw validation(`PendingWindowInDays must be between ${WINDOW_DAYS.min} and ${WINDOW_DAYS.max}.`);
}

const waitsForReplicas = (key: Key): boolean =>
  key.family.multiRegion && multiRegionKeyType(key) === 'PRIMARY' && key.family.regional.size > 1;

/** A primary's waiting period begins when its last replica is gone; until then it has no date. */
function awaitReplicas({ own, arn }: Key, days: number): KmsAnswer {
  own.standing = 'PendingReplicaDeletion';
  return { KeyId: arn, KeyState: own.standing, PendingWindowInDays: days };
}

function startWaiting({ own, arn }: Key, days: number, now: number): KmsAnswer {
  own.standing = 'PendingDeletion';
  own.deletesAt = afterDays(now, days);
  return { KeyId: arn, DeletionDate: epochSeconds(own.deletesAt), KeyState: own.standing, PendingWindowInDays: days };
}
