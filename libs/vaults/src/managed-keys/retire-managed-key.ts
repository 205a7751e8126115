import type { Queries, Statement } from '#audit';
import { insertEnding } from './managed-key-store.js';

/** As long as AWS lets anybody change their mind. */
const PENDING_DAYS = 30;

const TAKE: Statement = {
  name: 'vault-key-take-managed',
  text: `DELETE FROM vault_keys k USING vaults v
    WHERE k.workspace_id = $1 AND k.vault_id = $2 AND k.vault_key_id = $3 AND k.strategy = 'managed'
      AND v.workspace_id = k.workspace_id AND v.vault_id = k.vault_id AND v.active_vault_key_id <> k.vault_key_id
      AND NOT EXISTS (SELECT FROM data_keys d WHERE d.workspace_id = $1 AND d.vault_id = $2 AND d.vault_key_id = $3)
    RETURNING v.name, k.config, k.mac`,
};

/**
 * Ends a key of the service's making that its vault has left for good: AWS is told by whoever settles what is due. Answers whether
 * it was such a key; one under which a data key stands still is none.
 */
export async function retireManagedKey(tx: Queries, vaultId: string, vaultKeyId: string): Promise<boolean> {
  const [key] = await tx.query<{ name: string; config: string; mac: Buffer }>(TAKE, [vaultId, vaultKeyId]);
  if (key) await insertEnding(tx, { vaultId, vaultKeyId, ...key, settings: null, days: PENDING_DAYS });
  return key !== undefined;
}
