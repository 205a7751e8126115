import type { EnvelopeErrorCode } from '#envelope';
import type { KeyStrategyErrorCode } from '#key-strategies';

/** Keys and envelopes speak of their own world; these are the words for those who call. */
export const KEY_PROBLEM_CODES = {
  refused: 'vault_key_refused',
  pending_deletion: 'vault_key_pending_deletion',
  unreachable: 'vault_key_unreachable',
  busy: 'vault_key_busy',
  not_intact: 'sealed_data_not_intact',
  bad_config: 'vault_config_not_valid',
} as const satisfies Record<KeyStrategyErrorCode, string>;

export const ENVELOPE_PROBLEM_CODES = {
  not_intact: 'sealed_data_not_intact',
  payload_too_large: 'payload_too_large',
  bad_binding: 'validation_failed',
} as const satisfies Record<EnvelopeErrorCode, string>;

export type KeyProblemCode = (typeof KEY_PROBLEM_CODES)[KeyStrategyErrorCode] | (typeof ENVELOPE_PROBLEM_CODES)[EnvelopeErrorCode];
