import { randomUUIDv7 } from 'node:crypto';
import { type RequestContext, besides } from '#access';
import type { Queries } from '#audit';
import type { Database } from '#database';
import {
  type KeyCheck,
  type KeyStrategyCatalog,
  KeyStrategyError,
  type ProbeReport,
  type StrategyName,
  type VaultKey,
} from '#key-strategies';
import type { KeyClaims } from './key-claims.js';
import { VaultError } from './vault-error.js';
import { type VaultKeys } from './vault-keys.js';
import { insertVaultKey } from './vault-key-store.js';

export interface KeyRequest {
  strategy: StrategyName;
  /** What the request said about the key; the strategy judges it. */
  keyConfig: unknown;
}

export interface ProvedVaultKey {
  key: VaultKey;
  report: ProbeReport;
}

/** A key that the service makes is made for one vault, from its beginning. */
const NOT_OFFERED: KeyCheck = {
  check: 'configuration',
  ok: false,
  cause: 'strategy_not_for_rekey',
  remedy: 'Create a vault with this strategy, and evacuate this one into it: POST …/vaults/{vaultId}/evacuate.',
};

const NOT_AVAILABLE: KeyCheck = {
  check: 'key_available',
  ok: false,
  cause: 'key_not_available',
  remedy: 'This key cannot protect a vault of this workspace. Create a new multi-Region key for it and register that one.',
};

/** Proves another key of a vault that is there, by the same checks as the first one. */
export class ProveVaultKey {
  constructor(
    private readonly database: Database,
    private readonly strategies: KeyStrategyCatalog,
    private readonly vaultKeys: VaultKeys,
    private readonly claims: KeyClaims,
    /** How long refusals of a set-up that was made a moment ago are asked again before they count. */
    private readonly settleSeconds: number,
  ) {}

  /** The key as it would be registered, not proved yet. Throws `vault_key_rejected`. */
  async candidate(ctx: RequestContext, vaultId: string, { strategy, keyConfig }: KeyRequest): Promise<VaultKey> {
    const { workspaceId } = ctx;
    if (this.strategies.get(strategy).maker) throw await this.#rejected(ctx, { vaultId, strategy }, { checks: [NOT_OFFERED], calls: [] });
    try {
      const config = this.strategies.get(strategy).configure(workspaceId, keyConfig);
      return { workspaceId, vaultId, vaultKeyId: randomUUIDv7(), strategy, config };
    } catch (error) {
      if (!(error instanceof KeyStrategyError) || error.code !== 'bad_config') throw error;
      const { cause, remedy } = error.facts;
      const check = { check: 'configuration', ok: false, cause, ...(remedy ? { remedy } : {}) };
      throw await this.#rejected(ctx, { vaultId, strategy }, { checks: [check], calls: [] });
    }
  }

  /** Whether both are the same key of the same owner. */
  isSame(one: Pick<VaultKey, 'strategy' | 'config'>, other: Pick<VaultKey, 'strategy' | 'config'>): boolean {
    const identity = ({ strategy, config }: Pick<VaultKey, 'strategy' | 'config'>) => this.strategies.get(strategy).keyIdentity(config);
    return one.strategy === other.strategy && identity(one) === identity(other);
  }

  /** Throws `vault_key_rejected` with every check. */
  async prove(ctx: RequestContext, candidate: VaultKey): Promise<ProvedVaultKey> {
    const report = await this.strategies.get(candidate.strategy).open(candidate).probe({ settleSeconds: this.settleSeconds });
    if (!report.ok) throw await this.#rejected(ctx, candidate, report, candidate);
    return { key: { ...candidate, config: report.config }, report };
  }

  /** Whether the workspace holds the key, which is stored then. */
  async register(tx: Queries, { key, report }: ProvedVaultKey): Promise<boolean> {
    const { workspaceId, vaultId, vaultKeyId, strategy } = key;
    const identity = this.strategies.get(strategy).keyIdentity(key.config);
    if (identity !== undefined && !(await this.claims.claim(tx, workspaceId, identity))) return false;
    const row = { vault_key_id: vaultKeyId, strategy, key_health: report.health, ...this.vaultKeys.seal(key) };
    await insertVaultKey(tx, vaultId, row);
    return true;
  }

  /** The error to throw when `register` was false. It is on record before that. */
  notAvailable(ctx: RequestContext, { key, report }: ProvedVaultKey): Promise<VaultError> {
    return this.#rejected(ctx, key, { ...report, checks: [...report.checks, NOT_AVAILABLE] }, key);
  }

  async #rejected(
    ctx: RequestContext,
    { vaultId, strategy }: Pick<VaultKey, 'vaultId' | 'strategy'>,
    { checks, calls }: Pick<ProbeReport, 'checks' | 'calls'>,
    candidate?: VaultKey,
  ): Promise<VaultError> {
    const described = candidate && this.strategies.get(strategy).describe(candidate);
    const details = { strategy, ...described, failed: checks.filter((check) => !check.ok) };
    const event = { type: 'vault.key.validation_failed', vaultId, calls, details } as const;
    await this.database.act(besides(ctx), () => ({ result: null, event }));
    return new VaultError('vault_key_rejected', { checks });
  }
}
