import type { RequestContext } from '#access';
import type { Database } from '#database';
import type { KeyHealth, KeyStrategyCatalog, KeyWrapper } from '#key-strategies';
import { type VaultKeyUse, measured } from './data-keys/key-signals.js';
import { type RecordRefusal, isRefusal } from './record-refusal.js';
import type { VaultKeys } from './vault-keys.js';
import type { VaultKeyId } from './vault-store.js';

/** The way to a vault key: when its owner says no, that is on record before anyone hears of it. */
export class AskVaultKey {
  constructor(
    private readonly database: Database,
    private readonly vaultKeys: VaultKeys,
    private readonly strategies: KeyStrategyCatalog,
    private readonly recordRefusal: RecordRefusal,
  ) {}

  /** @param onRefusal comes first, so that it holds also when nothing can be recorded */
  async run<Answer>(
    ctx: RequestContext,
    lastKnown: KeyHealth,
    { vaultId, vaultKeyId }: VaultKeyId,
    operation: VaultKeyUse['operation'],
    ask: (wrapper: KeyWrapper) => Promise<Answer>,
    onRefusal?: () => unknown,
  ): Promise<Answer> {
    const vaultKey = await this.database.read(ctx, (tx) => this.vaultKeys.find(tx, { workspaceId: ctx.workspaceId, vaultId, vaultKeyId }));
    try {
      const wrapper = this.strategies.get(vaultKey.strategy).open(vaultKey, lastKnown);
      return await measured({ operation, strategy: vaultKey.strategy }, () => ask(wrapper));
    } catch (error) {
      if (isRefusal(error)) {
        onRefusal?.();
        await this.recordRefusal.run(ctx, { vaultId, vaultKeyId }, error);
      }
      throw error;
    }
  }
}
