import { EnvelopeError } from './envelope-error.js';
import { assertUuids } from './uuid.js';

export const TOKEN_CONTEXT_CHARS_MAX = 512;
/** With the flag `u` a dot is a code point. */
const CONTEXT = new RegExp(`^.{1,${TOKEN_CONTEXT_CHARS_MAX}}$`, 'su');

/** Where a token belongs. Ids are lower-case UUIDs. */
export interface TokenBinding {
  workspaceId: string;
  vaultId: string;
  dataKeyId: string;
  /**
   * What the caller sealed it for, to be said again to open it: 1 to 512 characters (code points) of well-formed Unicode.
   * Compared as given: composed and decomposed spellings are two contexts.
   */
  context: string;
}

/**
 * The canonical JSON of a token's binding. Workspace and context stand only here and not in the token's header: a token does not
 * tell where it belongs, and opens nowhere else. Throws `bad_binding`.
 */
export function encodeTokenBinding({ workspaceId, vaultId, dataKeyId, context }: TokenBinding): string {
  assertUuids(workspaceId, vaultId, dataKeyId);
  if (!CONTEXT.test(context) || !context.isWellFormed()) throw new EnvelopeError('bad_binding');
  return (
    `{"alg":"dir","enc":"A256GCM","typ":"keyhold","v":1,"vid":"${vaultId}","dk":"${dataKeyId}",` +
    `"wid":"${workspaceId}","iid":${JSON.stringify(context)}}`
  );
}
