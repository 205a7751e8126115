import { randomUUIDv7 } from 'node:crypto';
import { type RequestContext, besides } from '#access';
import type { AuditEvent, Queries } from '#audit';
import type { Database } from '#database';
import {
  type KeyCall,
  type KeyCheck,
  type KeyStrategyCatalog,
  KeyStrategyError,
  type ProbeReport,
  type StrategyName,
  type VaultKey,
} from '#key-strategies';
import { recordProof, startProbes } from './health/record-report.js';
import type { KeyClaims } from './key-claims.js';
import { VaultError } from './vault-error.js';
import { insertVaultKey } from './vault-key-store.js';
import type { VaultKeys } from './vault-keys.js';

export interface KeyRequest {
  strategy: StrategyName;
  /** What the request said about the key; the strategy judges it. */
  keyConfig: unknown;
}

/** The vault that a key is for. */
export interface KeySubject {
  vaultId: string;
  /** Of one that is not there yet: the trail knows it by this alone. */
  newName?: string;
}

export interface ProvedVaultKey {
  key: VaultKey;
  report: ProbeReport;
}

type Rejection = Pick<ProbeReport, 'checks' | 'calls'>;

const NOT_AVAILABLE: KeyCheck = {
  check: 'key_available',
  ok: false,
  cause: 'key_not_available',
  remedy: 'This key cannot protect a vault of this workspace. Create a new multi-Region key for it and register that one.',
};

/** Lets a key into a vault when it has passed every check; each rejection is on record before anybody hears of it. */
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
  async candidate(ctx: RequestContext, subject: KeySubject, { strategy, keyConfig }: KeyRequest): Promise<VaultKey> {
    const { workspaceId } = ctx;
    try {
      const config = this.strategies.get(strategy).configure(workspaceId, keyConfig);
      return { workspaceId, vaultId: subject.vaultId, vaultKeyId: randomUUIDv7(), strategy, config };
    } catch (error) {
      if (!(error instanceof KeyStrategyError) || error.code !== 'bad_config') throw error;
      const { cause, remedy } = error.facts;
      const check = { check: 'configuration', ok: false, cause, ...(remedy ? { remedy } : {}) };
      throw await this.rejected(ctx, subject, { strategy }, { checks: [check], calls: [] });
    }
  }

  /** Whether both are the same key of the same owner. */
  isSame(one: Pick<VaultKey, 'strategy' | 'config'>, other: Pick<VaultKey, 'strategy' | 'config'>): boolean {
    const identity = ({ strategy, config }: Pick<VaultKey, 'strategy' | 'config'>) => this.strategies.get(strategy).keyIdentity(config);
    return one.strategy === other.strategy && identity(one) === identity(other);
  }

  /** Throws `vault_key_rejected` with every check. @param before requests that it took to make the key */
  async prove(ctx: RequestContext, subject: KeySubject, candidate: VaultKey, before: readonly KeyCall[] = []): Promise<ProvedVaultKey> {
    const report = await this.strategies.get(candidate.strategy).open(candidate).probe({ settleSeconds: this.settleSeconds });
    if (!report.ok) throw await this.rejected(ctx, subject, candidate, { ...report, calls: [...before, ...report.calls] });
    return { key: { ...candidate, config: report.config }, report };
  }

  /** Whether the workspace holds the key, from this commit on at the latest. */
  async claim(tx: Queries, { key: { workspaceId, strategy, config } }: ProvedVaultKey): Promise<boolean> {
    const identity = this.strategies.get(strategy).keyIdentity(config);
    return identity === undefined || (await this.claims.claim(tx, workspaceId, identity));
  }

  /** Stores the key as another one of its vault, when the workspace holds it. */
  async register(tx: Queries, proved: ProvedVaultKey): Promise<boolean> {
    if (!(await this.claim(tx, proved))) return false;
    const { key, report } = proved;
    const row = { vault_key_id: key.vaultKeyId, strategy: key.strategy, key_health: report.health, ...this.vaultKeys.seal(key) };
    await insertVaultKey(tx, key.vaultId, row);
    await startProbes(tx, key, report);
    return true;
  }

  /** Of a key that the vault has or had: what was on record of it before gives way to what was found now. */
  recordAgain(tx: Queries, { key, report }: ProvedVaultKey): Promise<readonly AuditEvent[]> {
    return recordProof(tx, key, report);
  }

  /** The error to throw when the workspace does not hold the key. */
  notAvailable(ctx: RequestContext, subject: KeySubject, { key, report }: ProvedVaultKey): Promise<VaultError> {
    return this.rejected(ctx, subject, key, { ...report, checks: [...report.checks, NOT_AVAILABLE] });
  }

  /** Answers the error to throw. A key is described once its configuration has the required shape. */
  async rejected(
    ctx: RequestContext,
    { vaultId, newName }: KeySubject,
    candidate: VaultKey | Pick<VaultKey, 'strategy'>,
    { checks, calls }: Rejection,
  ): Promise<VaultError> {
    const { strategy } = candidate;
    const described = 'config' in candidate && this.strategies.get(strategy).describe(candidate);
    const isNew = newName !== undefined;
    const details = { ...(isNew && { name: newName }), strategy, ...described, failed: checks.filter((check) => !check.ok) };
    const event = { type: 'vault.key.validation_failed', ...(!isNew && { vaultId }), calls, details } as const;
    await this.database.act(besides(ctx), () => ({ result: null, event }));
    return new VaultError('vault_key_rejected', { checks });
  }
}
