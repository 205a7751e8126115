import type { FastifyRequest } from 'fastify';
import { HttpError } from './http-error.js';
import { parseJsonBody } from './json-body.js';

/** Fastify's content type parser for everything that `contentRefusal` let through. */
export function jsonParser(request: FastifyRequest, bytes: Buffer, done: (error: Error | null, body?: unknown) => void): void {
  if (request.routeOptions.config.ignoresBody) {
    done(null);
    return;
  }
  try {
    if (request.headers['idempotency-key'] !== undefined) request.bodyBytes = bytes;
    done(null, parseJsonBody(bytes));
  } catch (error) {
    done(error as Error);
  }
}

/** For every other type, and none. `contentRefusal` lets one through only where the body is ignored. */
export function ignoringParser(request: FastifyRequest, _bytes: Buffer, done: (error: Error | null) => void): void {
  done(request.routeOptions.config.ignoresBody ? null : new HttpError('unsupported_media_type'));
}
