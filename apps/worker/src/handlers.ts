import type { JobHandler } from '#jobs';
import type { Foundation } from './foundation.js';

/** Makes the handler of each kind of job. */
const HANDLERS: readonly ((parts: Foundation) => JobHandler)[] = [];

export function jobHandlers(parts: Foundation): readonly JobHandler[] {
  return HANDLERS.map((handler) => handler(parts));
}
