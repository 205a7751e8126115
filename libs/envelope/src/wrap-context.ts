import { assertUuids } from './uuid.js';

/** Which data key is wrapped, and under which vault key. All are lower-case UUIDs. */
export interface WrapContext {
  workspaceId: string;
  vaultId: string;
  dataKeyId: string;
  vaultKeyId: string;
}

/** The canonical JSON of a wrap context. Throws `bad_binding`. */
export function encodeWrapContext({ workspaceId, vaultId, dataKeyId, vaultKeyId }: WrapContext): string {
  assertUuids(workspaceId, vaultId, dataKeyId, vaultKeyId);
  return `{"fmt":"keyhold/data-key/1","wid":"${workspaceId}","vid":"${vaultId}","dk":"${dataKeyId}","vk":"${vaultKeyId}"}`;
}
