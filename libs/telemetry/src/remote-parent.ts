import { type Context, ROOT_CONTEXT, isSpanContextValid, trace } from '@opentelemetry/api';

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/**
 * The context that a caller's `traceparent` (W3C Trace Context, version 00) names; the empty one for anything else. Nothing but the
 * two ids and the flags is taken: `baggage` and `tracestate` would carry a stranger's text into calls to others.
 */
export function remoteParent(traceparent: string | undefined): Context {
  const [, traceId = '', spanId = '', flags = ''] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  const caller = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
  return isSpanContextValid(caller) ? trace.setSpanContext(ROOT_CONTEXT, caller) : ROOT_CONTEXT;
}
