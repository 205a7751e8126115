import { describe, expect, test } from '@jest/globals';
import type { KeyHealth } from '#key-strategies';
import { permit } from './key-permits.js';
import type { VaultStatus } from './vault-standing.js';
import type { VaultState } from './vault-store.js';

const vault = (status: VaultStatus, key_health: KeyHealth): VaultState => ({
  vault_id: '0197a000-0000-7000-8000-000000000001',
  status,
  key_health,
  health_cause: 'key_disabled',
  health_region: 'us-east-2',
  health_aws_error: 'DisabledException',
  health_aws_request_id: 'r',
  active_vault_key_id: '0197a000-0000-7000-8000-000000000002',
  items_per_data_key: 1,
  data_key_max_age_seconds: 60,
  data_key_cache_seconds: 0,
  data_key_epoch: 0,
});

const outcome = (act: 'seal' | 'unseal', state: VaultState): string => {
  try {
    permit(act, state);
    return 'yes';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('what status and key health allow', () => {
  test.each<[VaultStatus, KeyHealth, string, string]>([
    ['active', 'healthy', 'yes', 'yes'],
    ['active', 'degraded', 'yes', 'yes'],
    ['active', 'unreachable', 'yes', 'yes'],
    ['active', 'refused', 'refused', 'refused'],
    ['active', 'pending_deletion', 'pending_deletion', 'pending_deletion'],
    ['disabled', 'healthy', 'vault_disabled', 'yes'],
    ['disabled', 'degraded', 'vault_disabled', 'yes'],
    ['disabled', 'unreachable', 'vault_disabled', 'yes'],
    ['disabled', 'refused', 'vault_disabled', 'refused'],
    ['disabled', 'pending_deletion', 'vault_disabled', 'pending_deletion'],
    ['suspended', 'healthy', 'vault_suspended', 'vault_suspended'],
    ['suspended', 'refused', 'vault_suspended', 'vault_suspended'],
  ])('%s and %s: seal %s, unseal %s', (status, health, seal, unseal) => {
    expect([outcome('seal', vault(status, health)), outcome('unseal', vault(status, health))]).toEqual([seal, unseal]);
  });

  test('a refusal on record is told with its facts', () => {
    expect(() => permit('unseal', vault('active', 'refused'))).toThrow(
      expect.objectContaining({
        facts: expect.objectContaining({ cause: 'key_disabled', region: 'us-east-2', awsError: 'DisabledException', awsRequestId: 'r' }),
      }),
    );
  });
});
