import { createHmac, randomUUID } from 'node:crypto';
import type { KeyBytes } from '#envelope';

/**
 * The id of a workspace that is about to be created. With an idempotency key it follows from that key, so that a repeat looks
 * for its record in the workspace that the first request made; without one it is random.
 */
export function workspaceIdForCreation(key: KeyBytes, principalId: string, idempotencyKey: string | undefined): string {
  if (idempotencyKey === undefined) return randomUUID();
  const bytes = createHmac('sha256', key.expose())
    .update(JSON.stringify([principalId, idempotencyKey]))
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6); // version 8, as RFC 9562 has it for ids made this way
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
