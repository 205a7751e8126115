import { declareRoute } from './route-config.js';

/** Largest bodies, in bytes. Every route has one of these bounds, checked while the body arrives. */
export const BODY_BYTES_MAX = {
  small: 64 * 1024,
  /** A payload of 1 MiB as JSON, with room for the characters that JSON escapes. */
  item: 1_468_006,
  /** Up to 1,000 entries to seal or unseal. */
  batch: 16 * 1024 * 1024,
} as const;
export type BodyBound = keyof typeof BODY_BYTES_MAX;

/** How large a body the route takes; `small` without it. */
export const TakesBody = (bound: BodyBound): MethodDecorator => declareRoute({ body: bound });
