import type { KeyCheck, KeyHealth, KeyStrategyCatalog, StrategyFacts, StrategyName } from '#key-strategies';
import type { VaultKeys } from './vault-keys.js';
import type { VaultStanding } from './vault-standing.js';
import type { StoredVault } from './vault-store.js';

export interface VaultView extends StrategyFacts, VaultStanding {
  id: string;
  name: string;
  strategy: StrategyName;
  isDefault: boolean;
  /** What the last use or check of the key found. */
  keyHealth: KeyHealth;
  keyHealthCause: string | null;
  keyHealthRegion: string | null;
  keyHealthAwsError: string | null;
  keyHealthAwsRequestId: string | null;
  keyHealthSince: string;
  itemsPerDataKey: number;
  dataKeyMaxAgeSeconds: number;
  dataKeyCacheSeconds: number;
  createdAt: string;
  updatedAt: string;
}

export interface KeyReportView {
  ok: boolean;
  health: KeyHealth;
  checks: KeyCheck[];
}

/** Makes views of vaults; a row whose key is not of our making has no view and is an error. */
export class VaultViews {
  constructor(
    private readonly vaultKeys: VaultKeys,
    private readonly strategies: KeyStrategyCatalog,
  ) {}

  of(workspaceId: string, row: StoredVault): VaultView {
    const id = { workspaceId, vaultId: row.vault_id, vaultKeyId: row.active_vault_key_id, strategy: row.strategy };
    const key = this.vaultKeys.open(id, row.vault_key_config, row.vault_key_mac);
    return {
      id: row.vault_id,
      name: row.name,
      strategy: row.strategy,
      isDefault: row.is_default,
      status: row.status,
      resumesAs: row.resumes_as,
      keyHealth: row.key_health,
      keyHealthCause: row.health_cause,
      keyHealthRegion: row.health_region,
      keyHealthAwsError: row.health_aws_error,
      keyHealthAwsRequestId: row.health_aws_request_id,
      keyHealthSince: row.health_since.toISOString(),
      itemsPerDataKey: row.items_per_data_key,
      dataKeyMaxAgeSeconds: row.data_key_max_age_seconds,
      dataKeyCacheSeconds: row.data_key_cache_seconds,
      createdAt: row.created_at.toISOString(),
      updatedAt: row.updated_at.toISOString(),
      ...this.strategies.get(row.strategy).describe(key),
    };
  }
}
