import { createHmac } from 'node:crypto';
import type { Queries, Statement } from '#audit';
import type { KeyBytes, RootKey } from '#envelope';

const CLAIM: Statement = {
  name: 'key-claim',
  text: `INSERT INTO key_claims (key_hmac, holder_hmac) SELECT $2, $3 WHERE $1::uuid IS NOT NULL ON CONFLICT DO NOTHING`,
};

const HELD: Statement = {
  name: 'key-claim-held',
  text: `SELECT 1 FROM key_claims WHERE key_hmac = $2 AND holder_hmac = $3 AND $1::uuid IS NOT NULL`,
};

/** One customer key protects one workspace. The claims are HMACs, so that they tell nothing of who holds what. */
export class KeyClaims {
  readonly #key: KeyBytes;

  constructor(rootKey: RootKey) {
    this.#key = rootKey.subkey('key-claims');
  }

  /** Whether the workspace now holds the key; false when another one does. */
  async claim(tx: Queries, workspaceId: string, keyIdentity: string): Promise<boolean> {
    const values = [this.#hmac('key', keyIdentity), this.#hmac('holder', `${workspaceId} ${keyIdentity}`)];
    await tx.query(CLAIM, values);
    return (await tx.query(HELD, values)).length === 1;
  }

  #hmac(what: 'key' | 'holder', text: string): Buffer {
    return createHmac('sha256', this.#key.expose())
      .update(JSON.stringify([what, text]))
      .digest();
  }
}
