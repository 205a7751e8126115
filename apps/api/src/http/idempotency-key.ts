import type { FastifyRequest } from 'fastify';
import { HttpError } from './http-error.js';

const KEY = /^[\x21-\x7e]{1,255}$/;

/** The caller's `Idempotency-Key`, on routes that heed one. Throws for a key that is not 1 to 255 visible ASCII characters. */
export function idempotencyKeyOf(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined || !request.routeOptions.config.idempotentMethod) return undefined;
  if (typeof key !== 'string' || !KEY.test(key)) {
    throw new HttpError('validation_failed', {
      errors: [{ field: 'Idempotency-Key', message: 'must come once and be 1 to 255 visible ASCII characters' }],
    });
  }
  return key;
}
