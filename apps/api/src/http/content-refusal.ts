import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { isJsonType } from './content-type.js';
import { headerCount } from './header-count.js';
import { HttpError } from './http-error.js';

/** Methods whose body nobody reads. */
const BODYLESS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Why the body will not be read: it is not exactly what the parser takes. No body needs no type. */
export function contentRefusal({ raw, method, headers, routeOptions }: FastifyRequest): HttpError | undefined {
  if (BODYLESS.has(method) || routeOptions.config.ignoresBody) return undefined;
  const type = headers['content-type'];
  if (type === undefined && isEmpty(headers)) return undefined;
  const isPlainJson = type !== undefined && isJsonType(type) && headerCount(raw, 'content-type') === 1;
  return isPlainJson && headers['content-encoding'] === undefined ? undefined : new HttpError('unsupported_media_type');
}

const isEmpty = (headers: IncomingHttpHeaders): boolean =>
  headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0';
