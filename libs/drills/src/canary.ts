import { randomBytes } from 'node:crypto';
import { type KeyBytes, openToken, sealToken } from '#envelope';

const CONTEXT = 'keyhold revocation drill';
const BYTES = 32;

/** Nobody's secret: random bytes, sealed as a caller's data would be. */
export function sealCanary(key: KeyBytes, where: { workspaceId: string; vaultId: string; dataKeyId: string }): string {
  return sealToken(randomBytes(BYTES), key, { ...where, context: CONTEXT });
}

/** Throws `not_intact` when it does not open. */
export function openCanary(canary: string, key: KeyBytes, workspaceId: string): void {
  openToken(canary, key, { workspaceId, context: CONTEXT }).fill(0);
}
