import { type RequestContext, besides } from '#access';
import type { AuditEvent } from '#audit';
import type { Database } from '#database';
import { type KeyHealth, KeyStrategyError } from '#key-strategies';
import { type HealthFinding, findVaultState, setVaultHealth } from './vault-store.js';

const HEALTH_OF: Partial<Record<KeyStrategyError['code'], KeyHealth>> = { refused: 'refused', pending_deletion: 'pending_deletion' };

/** Puts the owner's no on the vault's row, where every node reads it before its next seal or unseal. */
export class RecordRefusal {
  constructor(private readonly database: Database) {}

  /** Answers whether `error` was a refusal at all. */
  async run(ctx: RequestContext, vaultId: string, error: unknown): Promise<boolean> {
    if (!(error instanceof KeyStrategyError)) return false;
    const health = HEALTH_OF[error.code];
    if (!health) return false;
    const { cause, region, awsError, awsRequestId } = error.facts;
    const known = await this.database.read(ctx, (tx) => findVaultState(tx, vaultId));
    if (known?.key_health === health && known.health_cause === cause) return true;
    const finding = { health, cause, region, awsError, awsRequestId };
    await this.database.act(besides(ctx), (tx) => {
      void setVaultHealth(tx, vaultId, finding);
      return { result: null, event: healthChanged(vaultId, known?.key_health, finding, error.facts.calls) };
    });
    return true;
  }
}

export function healthChanged(
  vaultId: string,
  before: KeyHealth | undefined,
  finding: HealthFinding,
  calls?: AuditEvent['calls'],
): AuditEvent {
  const { health: after, cause, region, awsError, awsRequestId } = finding;
  return {
    type: 'vault.key.health_changed',
    vaultId,
    ...(calls && { calls }),
    details: { before, after, cause, region, awsError, awsRequestId },
  };
}
