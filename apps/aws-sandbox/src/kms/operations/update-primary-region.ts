import { AwsJsonError } from '../../wire/aws-json.js';
import { required, text, validation } from '../../wire/shape.js';
import { authorizeKey } from '../authorize-key.js';
import { type Key } from '../key.js';
import { keyIn } from '../key-store.js';
import { checkState } from '../key-state-rules.js';
import { type KmsCall, kmsOperation } from '../kms-call.js';
import { requiredKeyId } from '../request-members.js';
import { resolveKey } from '../resolve-key.js';

const shape = { KeyId: requiredKeyId, PrimaryRegion: required(text({ min: 1, max: 32, pattern: /^([a-z]+-){2,3}\d+$/ })) };

export const updatePrimaryRegion = kmsOperation({
  shape,
  readOnly: false,
  trailRequest: ({ KeyId, PrimaryRegion }) => ({ keyId: KeyId, primaryRegion: PrimaryRegion }),
  run(call, { KeyId, PrimaryRegion }) {
    const facts = { 'kms:primaryregion': PrimaryRegion };
    const primary = resolveKey(call, KeyId, { aliases: 'refused', facts });
    const { family } = primary;
    if (!family.multiRegion || family.primaryRegion !== call.region) {
      throw new AwsJsonError('KMSInvalidStateException', `${primary.arn} is not a multi-Region primary key.`);
    }
    checkState(primary, 'changePrimary', call.now);
    if (PrimaryRegion === family.primaryRegion) return {};
    const replica = replicaIn(call, primary, PrimaryRegion);
    authorizeKey({ ...call, region: PrimaryRegion }, replica, call.operation, facts);
    checkState(replica, 'changePrimary', call.now);
    swap(call, primary, replica);
    return {};
  },
});

function replicaIn(call: KmsCall, { family }: Key, region: string): Key {
  const own = family.regional.get(region);
  if (!own) throw validation(`${family.keyId} does not have a replica key in the specified Region.`);
  return keyIn(family, own);
}

/** The roles change at once; for a while both keys show that they are being updated. */
function swap(call: KmsCall, primary: Key, replica: Key): void {
  primary.family.primaryRegion = replica.own.region;
  const updatingUntil = call.now + call.world.clock.transitionSeconds * 1000;
  for (const key of [primary, replica]) key.own.updatingUntil = updatingUntil;
  call.resolved.push(replica);
}
