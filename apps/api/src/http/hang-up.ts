import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Closing } from '../health/closing.js';

/** Tells callers to let go of their connections when the server is going: an idle one would keep it from ending. */
export function hangUp(closing: Closing) {
  return (_request: FastifyRequest, reply: FastifyReply, payload: unknown, done: (error: null, payload: unknown) => void): void => {
    if (closing.hasBegun) void reply.header('connection', 'close');
    done(null, payload);
  };
}
