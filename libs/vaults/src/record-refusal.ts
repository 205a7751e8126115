import { type RequestContext, besides } from '#access';
import type { Queries } from '#audit';
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
    await this.database.act(besides(ctx), (tx) =>
      recordHealth(tx, vaultId, { health, cause, region, awsError, awsRequestId }, error.facts.calls),
    );
    return true;
  }
}

/** Sets the health and tells of the change. */
export async function recordHealth(tx: Queries, vaultId: string, finding: HealthFinding, calls?: KeyStrategyError['facts']['calls']) {
  const before = await findVaultState(tx, vaultId);
  await setVaultHealth(tx, vaultId, finding);
  return {
    result: null,
    event: {
      type: 'vault.key.health_changed' as const,
      vaultId,
      ...(calls ? { calls } : {}),
      details: {
        before: before?.key_health,
        after: finding.health,
        cause: finding.cause,
        region: finding.region,
        awsError: finding.awsError,
      },
    },
  };
}
