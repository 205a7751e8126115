/**
 * What a cause does to the key's health.
 * - `refused`, `pending_deletion`: the owner decided.
 * - `unasked`: a Region, or STS, could not be asked. Says nothing about the owner's will.
 * - `degraded`: usable, but not as it should be.
 * - `unchanged`: our data or our bug. No state changes by it.
 */
export type Effect = 'refused' | 'pending_deletion' | 'unasked' | 'degraded' | 'unchanged';

interface Cause {
  readonly effect: Effect;
  /** An edit in IAM or KMS made a moment ago may still be on its way: worth asking again at registration. */
  readonly settles?: true;
}

/** The form of what was typed, in the order in which it is looked at. */
const CONFIG_CAUSES = {
  config_invalid: { effect: 'unchanged' },
  unknown_field: { effect: 'unchanged' },
  account_id_invalid: { effect: 'unchanged' },
  key_id_invalid: { effect: 'unchanged' },
  role_arn_invalid: { effect: 'unchanged' },
  account_mismatch: { effect: 'unchanged' },
} as const satisfies Record<string, Cause>;

const ROLE_CAUSES = {
  external_id_not_required: { effect: 'refused' },
  external_id_any_accepted: { effect: 'refused' },
  external_id_pattern_accepted: { effect: 'refused' },
  external_id_proof_not_possible: { effect: 'unasked' },
  assume_role_refused: { effect: 'refused', settles: true },
  sts_region_disabled: { effect: 'refused' },
  caller_account_mismatch: { effect: 'refused' },
  sts_unreachable: { effect: 'unasked' },
  platform_identity_unusable: { effect: 'unasked' },
} as const satisfies Record<string, Cause>;

const KEY_CAUSES = {
  key_not_found: { effect: 'refused', settles: true },
  key_disabled: { effect: 'refused' },
  key_pending_deletion: { effect: 'pending_deletion' },
  key_not_usable: { effect: 'refused' },
  key_not_ready: { effect: 'unasked', settles: true },
  key_usage_not_encrypt: { effect: 'refused' },
  key_spec_not_rsa: { effect: 'refused' },
  key_too_small: { effect: 'refused' },
  key_not_multi_region: { effect: 'refused' },
  primary_in_wrong_region: { effect: 'degraded' },
  public_key_unusable: { effect: 'refused' },
  public_keys_differ: { effect: 'refused' },
  public_key_changed: { effect: 'refused' },
  round_trip_mismatch: { effect: 'unchanged' },
} as const satisfies Record<string, Cause>;

const ACCESS_CAUSES = {
  describe_key_not_allowed: { effect: 'refused', settles: true },
  get_public_key_not_allowed: { effect: 'refused', settles: true },
  encrypt_not_allowed: { effect: 'refused', settles: true },
  decrypt_not_allowed: { effect: 'refused', settles: true },
  key_policy_closed: { effect: 'refused', settles: true },
  explicit_deny: { effect: 'refused', settles: true },
  aws_account_not_usable: { effect: 'refused' },
  refused_by_aws: { effect: 'refused' },
} as const satisfies Record<string, Cause>;

const ASKING_CAUSES = {
  region_unreachable: { effect: 'unasked' },
  throttled: { effect: 'unasked' },
  busy: { effect: 'unasked' },
  session_not_accepted: { effect: 'unasked' },
  answer_not_intact: { effect: 'unchanged' },
} as const satisfies Record<string, Cause>;

/** Reservations: told with a check that passed. */
export const WARNINGS = ['key_spec_rsa_3072', 'key_material_imported'] as const;
export type Warning = (typeof WARNINGS)[number];

export const CAUSES = { ...CONFIG_CAUSES, ...ROLE_CAUSES, ...KEY_CAUSES, ...ACCESS_CAUSES, ...ASKING_CAUSES };

export type ConfigCause = keyof typeof CONFIG_CAUSES;
export type Failure = keyof typeof CAUSES;

export function effectOf(cause: Failure): Effect {
  return CAUSES[cause].effect;
}

export function maySettle(cause: Failure): boolean {
  const row: Cause = CAUSES[cause];
  return row.settles === true;
}
