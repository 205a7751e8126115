import { createHmac, timingSafeEqual } from 'node:crypto';
import type { KeyBytes, RootKey } from '#envelope';

export interface MintedToken {
  workspaceId: string;
  tokenId: string;
  role: string;
  /** SHA-256 of the token. */
  digest: Buffer;
}

/** Who can write to the database can write a digest of a token of their own; without this MAC it is no token, and its role no role. */
export class TokenMacs {
  readonly #key: KeyBytes;

  constructor(rootKey: RootKey) {
    this.#key = rootKey.subkey('tokens');
  }

  of({ workspaceId, tokenId, role, digest }: MintedToken): Buffer {
    const fields = JSON.stringify(['keyhold/token/1', workspaceId, tokenId, role, digest.toString('base64')]);
    return createHmac('sha256', this.#key.expose()).update(fields).digest();
  }

  isOurs(token: MintedToken, mac: Buffer): boolean {
    const expected = this.of(token);
    return mac.length === expected.length && timingSafeEqual(mac, expected);
  }
}
