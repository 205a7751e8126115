import type { FastifyRequest } from 'fastify';
import { parseJsonBody } from './json-body.js';

/** Fastify's content type parser for everything that `contentRefusal` let through. */
export function jsonParser(request: FastifyRequest, bytes: Buffer, done: (error: Error | null, body?: unknown) => void): void {
  try {
    if (request.headers['idempotency-key'] !== undefined) request.bodyBytes = bytes;
    done(null, parseJsonBody(bytes));
  } catch (error) {
    done(error as Error);
  }
}
