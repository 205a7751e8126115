import { AwsJsonError } from '../wire/aws-json.js';
import { type Key, type KeyState, keyState } from './key.js';

const disabled = (arn: string) => new AwsJsonError('DisabledException', `${arn} is disabled.`);
const invalid = (what: string) => (arn: string) => new AwsJsonError('KMSInvalidStateException', `${arn} is ${what}.`);

const pending = { PendingDeletion: invalid('pending deletion'), PendingReplicaDeletion: invalid('pending replica deletion') };
const creating = { Creating: invalid('creating') };
const updating = { Updating: invalid('updating') };
const notPending = invalid('not pending deletion');

type StateRules = Partial<Record<KeyState, (arn: string) => AwsJsonError>>;

/** Which states refuse what, and how. A state that is not listed permits it. GetPublicKey of a disabled key succeeds on real AWS. */
const REFUSALS = {
  cryptography: { Disabled: disabled, ...pending, ...creating },
  publicKey: { ...pending, ...creating },
  toggle: { ...pending, ...creating, ...updating },
  scheduleDeletion: { ...pending, ...updating },
  cancelDeletion: { Enabled: notPending, Disabled: notPending, Creating: notPending, Updating: notPending },
  label: { ...pending },
  replicate: { Disabled: disabled, ...pending, ...creating, ...updating },
  changePrimary: { Disabled: disabled, ...pending, ...creating },
} as const satisfies Record<string, StateRules>;
export type Activity = keyof typeof REFUSALS;

/** @throws AwsJsonError DisabledException or KMSInvalidStateException */
export function checkState(key: Key, activity: Activity, now: number): void {
  const refusal = (REFUSALS[activity] as StateRules)[keyState(key.own, now)];
  if (refusal) throw refusal(key.arn);
}
