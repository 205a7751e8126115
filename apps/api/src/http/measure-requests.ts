import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Metrics } from '#metrics';

export function measureRequests(metrics: Metrics): (request: FastifyRequest, reply: FastifyReply, done: () => void) => void {
  return (request, reply, done) => {
    const { method, routeOptions } = request;
    metrics.answered({ method, route: routeOptions.url, status: reply.statusCode, seconds: reply.elapsedTime / 1_000 });
    done();
  };
}
