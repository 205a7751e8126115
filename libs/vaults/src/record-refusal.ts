import { type RequestContext, besides } from '#access';
import type { Database } from '#database';
import { type KeyHealth, KeyStrategyError } from '#key-strategies';
import { healthChanged } from './health/health-events.js';
import { addHealthChanges, noteRefused } from './health/health-store.js';
import { type VaultKeyId, findVaultKeyState, setKeyHealth } from './vault-store.js';

const HEALTH_OF = { refused: 'refused', pending_deletion: 'pending_deletion' } as const satisfies Partial<
  Record<KeyStrategyError['code'], KeyHealth>
>;

/** The owner of a vault key said no. */
export type Refusal = KeyStrategyError & { readonly code: keyof typeof HEALTH_OF };

export function isRefusal(error: unknown): error is Refusal {
  return error instanceof KeyStrategyError && Object.hasOwn(HEALTH_OF, error.code);
}

/** Puts the owner's no on the row of the vault key, where every node reads it before its next seal or unseal. */
export class RecordRefusal {
  constructor(private readonly database: Database) {}

  async run(ctx: RequestContext, key: VaultKeyId, refusal: Refusal): Promise<void> {
    const health = HEALTH_OF[refusal.code];
    const { cause, region, awsError, awsRequestId, calls } = refusal.facts;
    const known = await this.database.read(ctx, (tx) => findVaultKeyState(tx, key));
    if (known?.key_health === health && known.health_cause === cause) return;
    const finding = { health, cause, region, awsError, awsRequestId };
    const change = { before: known?.key_health, health, cause, awsError, awsRequestId };
    await this.database.act(besides(ctx), async (tx) => {
      await setKeyHealth(tx, key, finding);
      await noteRefused(tx, key, region === undefined ? change : { ...change, region });
      await addHealthChanges(tx, key, [change]);
      return { result: null, event: healthChanged(key, known?.key_health, finding, calls) };
    });
  }
}
