import { type RequestContext, besides } from '#access';
import type { AuditEvent, Queries } from '#audit';
import { type Database, DatabaseError } from '#database';
import type { KeyStrategyCatalog, StrategyName } from '#key-strategies';
import { type DeletedKey, clearVault, deleteVaultRows, lockWholeVault, remainsOf } from './emptied-vault.js';
import { type EndingKey, insertEnding } from './managed-keys/managed-key-store.js';
import type { SettleManagedKeys } from './managed-keys/settle-managed-keys.js';
import { VaultError, metDefaultVault, metVaultDeletion } from './vault-error.js';
import { type StoredVault, type VaultSettings, findVault } from './vault-store.js';

export interface DeletedVault {
  id: string;
  name: string;
  strategy: StrategyName;
  /** How long AWS waits before it deletes the key that the service made; null where the key is not the service's to delete. */
  keyDeletionDays: number | null;
  /** Known once AWS has been told; null before, and where nothing can be restored. */
  restorableUntil: string | null;
}

/**
 * Deletes a vault under which nothing is sealed, with its keys. A key that the service made ends with it: that it must stands in
 * the same commit, AWS is told afterwards, and a failure there is made good later.
 */
export class DeleteVault {
  constructor(
    private readonly database: Database,
    private readonly strategies: KeyStrategyCatalog,
    private readonly settle: SettleManagedKeys,
  ) {}

  async run(ctx: RequestContext, vaultId: string, days: number): Promise<DeletedVault> {
    const endingKeys: string[] = [];
    try {
      const deleted = await this.database.act(ctx, async (tx) => {
        const vault = await emptied(tx, vaultId);
        const keys = (await deleteVaultRows(tx, vaultId)).filter(({ strategy }) => this.strategies.get(strategy).maker);
        for (const key of keys) await insertEnding(tx, { ...endingOf(vault, key), days });
        const committed = () => endingKeys.push(...keys.map((key) => key.vault_key_id));
        return { ...outcomeOf(vault, keys.length > 0 ? days : null), committed };
      });
      for (const vaultKeyId of endingKeys) await this.#tell(ctx, vaultKeyId);
      return deleted;
    } catch (error) {
      throw refusalOf(error);
    }
  }

  async #tell(ctx: RequestContext, vaultKeyId: string): Promise<void> {
    try {
      await this.settle.run(besides(ctx), vaultKeyId);
    } catch (error) {
      // The vault is deleted all the same. Its key is due, and whoever settles what is due comes to it.
      if (!(error instanceof DatabaseError)) throw error;
    }
  }
}

/** The vault, locked, with nothing left in it but itself and its key. */
async function emptied(tx: Queries, vaultId: string): Promise<StoredVault> {
  await lockWholeVault(tx, vaultId);
  const vault = await findVault(tx, vaultId);
  if (!vault) throw new VaultError('vault_not_found');
  if (vault.is_default) throw new VaultError('vault_is_default');
  const { items, given_out: givenOut, jobs } = await remainsOf(tx, vaultId);
  if (jobs) throw new VaultError('vault_has_jobs');
  if (items) throw new VaultError('vault_not_empty');
  if (givenOut) throw new VaultError('vault_key_given_out');
  await clearVault(tx, vaultId);
  return vault;
}

function outcomeOf(
  { vault_id: id, name, strategy }: StoredVault,
  keyDeletionDays: number | null,
): { result: DeletedVault; event: AuditEvent } {
  return {
    result: { id, name, strategy, keyDeletionDays, restorableUntil: null },
    event: { type: 'vault.deleted', vaultId: id, details: { name, strategy, keyDeletionDays } },
  };
}

/** The vault comes back with the key under which it sealed last. */
function endingOf(vault: StoredVault, { vault_key_id: vaultKeyId, config, mac }: DeletedKey): Omit<EndingKey, 'days'> {
  const settings = vaultKeyId === vault.active_vault_key_id ? settingsOf(vault) : null;
  return { vaultId: vault.vault_id, vaultKeyId, name: vault.name, settings, config, mac };
}

function settingsOf(vault: StoredVault): Required<VaultSettings> {
  return {
    itemsPerDataKey: vault.items_per_data_key,
    dataKeyMaxAgeSeconds: vault.data_key_max_age_seconds,
    dataKeyCacheSeconds: vault.data_key_cache_seconds,
  };
}

function refusalOf(error: unknown): unknown {
  if (metDefaultVault(error)) return new VaultError('vault_is_default');
  return metVaultDeletion(error) ? new VaultError('vault_not_empty') : error;
}
