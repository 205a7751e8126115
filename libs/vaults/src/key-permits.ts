import { EnvelopeError } from '#envelope';
import { type KeyHealth, KeyStrategyError } from '#key-strategies';
import { VaultError } from './vault-error.js';
import type { VaultStatus } from './vault-standing.js';
import type { VaultState } from './vault-store.js';

interface Permits {
  seal: boolean;
  unseal: boolean;
}

/** What people decided. */
const BY_STATUS: Partial<Record<VaultStatus, Permits>> = {
  active: { seal: true, unseal: true },
  disabled: { seal: false, unseal: true },
  suspended: { seal: false, unseal: false },
} satisfies Record<VaultStatus, Permits>;

/** What the key's owner, or the network, answered last. An unreachable key still serves from what is cached within its age. */
const BY_HEALTH: Partial<Record<KeyHealth, Permits>> = {
  healthy: { seal: true, unseal: true },
  degraded: { seal: true, unseal: true },
  unreachable: { seal: true, unseal: true },
  refused: { seal: false, unseal: false },
  pending_deletion: { seal: false, unseal: false },
} satisfies Record<KeyHealth, Permits>;

/**
 * Throws what stands against the act: the vault's status, or the last known word of the key's owner; `not_intact` where a row that
 * was tampered with names a vault or a key that is not there.
 */
export function permit(act: keyof Permits, vault: VaultState): void {
  const [byStatus, byHealth] = [BY_STATUS[vault.status], BY_HEALTH[vault.key_health]];
  if (!byStatus || !byHealth) throw new EnvelopeError('not_intact');
  if (!byStatus[act]) throw new VaultError(vault.status === 'suspended' ? 'vault_suspended' : 'vault_disabled');
  if (!byHealth[act]) throw refusalOnRecord(vault);
}

function refusalOnRecord(vault: VaultState): KeyStrategyError {
  return new KeyStrategyError(vault.key_health === 'pending_deletion' ? 'pending_deletion' : 'refused', {
    cause: vault.health_cause ?? 'refused',
    ...(vault.health_region === null ? {} : { region: vault.health_region }),
    ...(vault.health_aws_error === null ? {} : { awsError: vault.health_aws_error }),
    ...(vault.health_aws_request_id === null ? {} : { awsRequestId: vault.health_aws_request_id }),
    remedy: 'The owner of the key refused its use. Once the cause is removed in AWS, check the key: POST …/vaults/{vaultId}/verify.',
  });
}
