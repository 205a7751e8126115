import { EnvelopeError } from './envelope-error.js';
import { assertUuids } from './uuid.js';

/** Where an item version belongs. Ids are lower-case UUIDs, `version` a positive safe integer. */
export interface ItemBinding {
  workspaceId: string;
  vaultId: string;
  itemId: string;
  version: number;
  dataKeyId: string;
}

/**
 * The canonical JSON of a binding: the JWE protected header of the item. It is never stored but rebuilt from the row's own
 * columns, so that a ciphertext moved to another row cannot be opened. Throws `bad_binding`.
 */
export function encodeItemBinding({ workspaceId, vaultId, itemId, version, dataKeyId }: ItemBinding): string {
  assertUuids(workspaceId, vaultId, itemId, dataKeyId);
  if (!Number.isSafeInteger(version) || version < 1) throw new EnvelopeError('bad_binding');
  return (
    `{"enc":"A256GCM","typ":"keyhold","v":1,"wid":"${workspaceId}","vid":"${vaultId}",` +
    `"iid":"${itemId}","ver":${version},"dk":"${dataKeyId}"}`
  );
}
