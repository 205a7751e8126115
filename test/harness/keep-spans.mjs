// Loaded into a service process by NODE_OPTIONS=--import, as a deployment brings an OpenTelemetry SDK: writes each span that ends
// to the file SPANS_FILE, one JSON text a line.
import { AsyncLocalStorage } from 'node:async_hooks';
import { appendFileSync } from 'node:fs';
import { ROOT_CONTEXT, context, trace } from '@opentelemetry/api';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';

const file = process.env['SPANS_FILE'] ?? '';
const storage = new AsyncLocalStorage();

context.setGlobalContextManager({
  active: () => storage.getStore() ?? ROOT_CONTEXT,
  with: (ctx, fn, thisArg, ...args) => storage.run(ctx, () => fn.apply(thisArg, args)),
  bind: (ctx, target) => (typeof target === 'function' ? (...args) => storage.run(ctx, () => target(...args)) : target),
  enable() {
    return this;
  },
  disable() {
    return this;
  },
});

const processor = {
  onStart: () => undefined,
  onEnd(span) {
    const { name, kind, attributes, status, events, parentSpanContext } = span;
    const { traceId, spanId } = span.spanContext();
    const line = { name, kind, attributes, status, events, traceId, spanId, parentId: parentSpanContext?.spanId };
    appendFileSync(file, `${JSON.stringify(line)}\n`);
  },
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [processor] }));
