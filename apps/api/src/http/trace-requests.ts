import { type Context, type Span, SpanKind, SpanStatusCode, context, isSpanContextValid, trace } from '@opentelemetry/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { remoteParent } from '#telemetry';

type Done = () => void;

declare module 'fastify' {
  interface FastifyRequest {
    /** Where this request stands in its trace; null when nobody keeps traces. */
    traceContext: Context | null;
  }
}

const tracer = trace.getTracer('keyhold');

/** Makes the request a step of the trace that its caller names, or of one of its own. */
export function openTrace(request: FastifyRequest, reply: FastifyReply, done: Done): void {
  const { traceparent } = request.headers;
  const parent = remoteParent(typeof traceparent === 'string' ? traceparent : undefined);
  const name = `${request.method} ${request.routeOptions.url ?? ''}`.trimEnd();
  const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes: attributesOf(request) }, parent);
  if (!isSpanContextValid(span.spanContext())) {
    done();
    return;
  }
  request.traceContext = trace.setSpan(parent, span);
  reply.raw.once('close', () => endSpan(span, request, reply));
  context.with(request.traceContext, done);
}

/** Once more behind the body, whose arrival belongs to the connection and not to the request. */
export function goOnInTrace(request: FastifyRequest, _reply: FastifyReply, done: Done): void {
  if (request.traceContext) context.with(request.traceContext, done);
  else done();
}

/** As the log tells of a request: the route as declared, and never what was written in its place. */
function attributesOf({ method, routeOptions, id }: FastifyRequest) {
  return { 'http.request.method': method, 'http.route': routeOptions.url ?? '', 'keyhold.request_id': id };
}

function endSpan(span: Span, request: FastifyRequest, { statusCode }: FastifyReply): void {
  span.setAttribute('http.response.status_code', statusCode);
  if (request.ctx) span.setAttribute('keyhold.workspace_id', request.ctx.workspaceId);
  if (request.problemCode) span.setAttribute('error.type', request.problemCode);
  if (statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}
