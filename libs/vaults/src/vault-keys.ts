import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Queries, Statement } from '#audit';
import { EnvelopeError, type KeyBytes, type RootKey } from '#envelope';
import type { StrategyName, VaultKey } from '#key-strategies';
import { VaultError } from './vault-error.js';

const FIND: Statement = {
  name: 'vault-key-find',
  text: `SELECT strategy, config, mac FROM vault_keys WHERE workspace_id = $1 AND vault_id = $2 AND vault_key_id = $3`,
};

/**
 * What stands in `vault_keys`, with a MAC: whoever can write to the database must not be able to point a vault at a key of
 * their own.
 */
export class VaultKeys {
  readonly #macKey: KeyBytes;

  constructor(rootKey: RootKey) {
    this.#macKey = rootKey.subkey('vault-keys');
  }

  /** Throws `vault_not_found` when the row is gone, as with its vault in this moment, and `not_intact` when it is not of our making. */
  async find(tx: Queries, id: { workspaceId: string; vaultId: string; vaultKeyId: string }): Promise<VaultKey> {
    const [row] = await tx.query<{ strategy: StrategyName; config: string; mac: Buffer }>(FIND, [id.vaultId, id.vaultKeyId]);
    if (!row) throw new VaultError('vault_not_found');
    return this.open({ ...id, strategy: row.strategy }, row.config, row.mac);
  }

  open(id: Omit<VaultKey, 'config'>, config: string, mac: Buffer): VaultKey {
    const expected = this.#mac(id, config);
    if (mac.length !== expected.length || !timingSafeEqual(mac, expected)) throw new EnvelopeError('not_intact');
    return { ...id, config: JSON.parse(config) as unknown };
  }

  /** The texts to store. */
  seal(key: VaultKey): { config: string; mac: Buffer } {
    const config = JSON.stringify(key.config);
    return { config, mac: this.#mac(key, config) };
  }

  #mac({ workspaceId, vaultId, vaultKeyId, strategy }: Omit<VaultKey, 'config'>, config: string): Buffer {
    const fields = JSON.stringify(['keyhold/vault-key/1', workspaceId, vaultId, vaultKeyId, strategy, config]);
    return createHmac('sha256', this.#macKey.expose()).update(fields).digest();
  }
}
