import { EnvelopeError } from './envelope-error.js';

/** One spelling only, lower case, so that no two bindings name the same thing and none needs escaping. */
export const UUID_PATTERN = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const UUID = new RegExp(`^${UUID_PATTERN}$`);

/** Throws `bad_binding`. */
export function assertUuids(...ids: readonly string[]): void {
  if (!ids.every((id) => UUID.test(id))) throw new EnvelopeError('bad_binding');
}
