import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Closing } from '../health/closing.js';
import { headerCount } from './header-count.js';
import { HttpError } from './http-error.js';
import { SECURITY_HEADERS } from './security-headers.js';

type Done = (error?: Error) => void;

/** The first thing that happens to a request: its answer gets the headers of every answer, whatever becomes of it. */
export function openRequest(closing: Closing): (request: FastifyRequest, reply: FastifyReply, done: Done) => void {
  return (request, reply, done) => {
    reply.headers(SECURITY_HEADERS).header('x-request-id', request.id);
    done(refusal(request, closing));
  };
}

function refusal(request: FastifyRequest, closing: Closing): HttpError | undefined {
  if (closing.hasBegun && !isPublic(request)) return new HttpError('shutting_down');
  if (request.raw.httpVersion === '1.1' && headerCount(request.raw, 'host') !== 1) return new HttpError('bad_request');
  return isMet(request.headers.expect) ? undefined : new HttpError('expectation_failed');
}

const isMet = (expectation: string | undefined): boolean => expectation === undefined || expectation.toLowerCase() === '100-continue';

/** Health is still told, so that nobody sends more. */
function isPublic(request: FastifyRequest): boolean {
  const { access } = request.routeOptions.config;
  return access !== undefined && 'public' in access;
}
