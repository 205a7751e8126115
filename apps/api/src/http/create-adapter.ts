import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type FastifyBaseLogger, type FastifyError, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import type { Logger } from 'pino';
import { randomUUIDv7 } from 'node:crypto';
import { cerberusUrl } from '../cerberus/cerberus-place.js';
import { onClientError } from './client-error.js';
import { ignoringParser, jsonParser } from './json-parser.js';
import { problemOf } from './problem-of.js';
import { SECURITY_HEADERS } from './security-headers.js';
import { sendProblem } from './send-problem.js';
import { BODY_BYTES_MAX } from './takes-body.js';

export interface AdapterOptions {
  log: Logger;
  /** Proxies in front of this server, each of which appends to X-Forwarded-For. */
  trustedProxyHops: number;
}

/** Milliseconds, bytes and characters. Idle connections outlive those of load balancers, which is 60 seconds and less. */
const LIMITS = {
  requestTimeout: 60_000,
  headersTimeout: 15_000,
  keepAliveTimeout: 75_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16 * 1024,
  maxParamLength: 256,
} as const;

/** Fastify with nothing of its own left that reads bodies, answers errors or trusts a header. */
export function createAdapter({ log, trustedProxyHops }: AdapterOptions): FastifyAdapter {
  const adapter = new FastifyAdapter({
    skipMiddie: true, // middleware is matched by path, and so is no place for anything that protects
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: (logger: FastifyBaseLogger) => logger, // a child for each request costs as much as a line
    rewriteUrl: ({ url = '/' }) => cerberusUrl(url),
    genReqId: () => randomUUIDv7(), // always ours: an id from outside could be that of another request
    bodyLimit: BODY_BYTES_MAX.small,
    // a mere number would make Fastify trust nobody
    trustProxy: trustedProxyHops > 0 && ((_address: string, hop: number) => hop < trustedProxyHops),
    requestTimeout: LIMITS.requestTimeout,
    keepAliveTimeout: LIMITS.keepAliveTimeout,
    http: {
      headersTimeout: LIMITS.headersTimeout,
      connectionsCheckingInterval: LIMITS.connectionsCheckingInterval,
      maxHeaderSize: LIMITS.maxHeaderSize,
      insecureHTTPParser: false,
      requireHostHeader: false, // refused by `openRequest`, in the shape of every other problem
    },
    routerOptions: { maxParamLength: LIMITS.maxParamLength },
    return503OnClosing: false, // answered by `openRequest`, in the shape of every other problem
    clientErrorHandler: onClientError,
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      reply.headers(SECURITY_HEADERS).header('x-request-id', request.id);
      sendProblem(reply, request, problemOf(error));
    },
  });
  const server = adapter.getInstance();
  // Node itself would answer 417, without a body and without the headers of every answer
  server.server.on('checkExpectation', (request, response) => server.server.emit('request', request, response));
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, jsonParser);
  server.addContentTypeParser('*', { parseAs: 'buffer' }, ignoringParser);
  server.decorateRequest('ctx', null);
  server.decorateRequest('refusable', null);
  server.decorateRequest('bodyBytes', null);
  server.decorateRequest('problemCode', null);
  server.decorateRequest('traceContext', null);
  return adapter;
}
