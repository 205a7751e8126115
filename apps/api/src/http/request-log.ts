import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';

/** One line for each request, with the route as declared: a path or query as it was written may hold what must not be logged. */
export function logRequests(log: Logger): (request: FastifyRequest, reply: FastifyReply, done: () => void) => void {
  return (request, reply, done) => {
    log.info(
      {
        requestId: request.id,
        method: request.method,
        route: request.routeOptions.url,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        code: request.problemCode ?? undefined,
        workspaceId: request.ctx?.workspaceId,
        principalId: request.ctx?.principal.id,
      },
      'request',
    );
    done();
  };
}
