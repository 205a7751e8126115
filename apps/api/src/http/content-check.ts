import type { FastifyRequest } from 'fastify';
import { isJsonType } from './content-type.js';
import { headerCount } from './header-count.js';
import { HttpError } from './http-error.js';

/** Methods whose body nobody reads. */
const BODYLESS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Refuses a body that is not exactly what the parser takes, before any of it is read. No body needs no type. */
export function checkContent({ raw, method, headers }: FastifyRequest): void {
  if (BODYLESS.has(method)) return;
  const type = headers['content-type'];
  const isBare = type === undefined && headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0';
  if (isBare) return;
  if (type === undefined || !isJsonType(type) || headerCount(raw, 'content-type') !== 1) throw new HttpError('unsupported_media_type');
  if (headers['content-encoding'] !== undefined) throw new HttpError('unsupported_media_type');
}
