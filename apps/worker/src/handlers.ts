import type { JobHandler } from '#jobs';
import { regionDrill, revocationDrill } from './drills.js';
import type { Foundation } from './foundation.js';

/** Makes the handler of each kind of job. */
const HANDLERS: readonly ((parts: Foundation) => JobHandler)[] = [revocationDrill, regionDrill];

export function jobHandlers(parts: Foundation): readonly JobHandler[] {
  return HANDLERS.map((handler) => handler(parts));
}
