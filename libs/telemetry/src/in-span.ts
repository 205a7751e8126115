import { type Attributes, type Span, type SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

export interface SpanOptions {
  kind?: SpanKind;
  /** Names and numbers of the operator's own world; nothing that somebody sealed, and no credential. */
  attributes?: Attributes;
}

/** Without an SDK in the process it makes spans of which nothing is kept. */
const tracer = trace.getTracer('keyhold');

/**
 * Does `work` as one step of the present trace; steps inside it are below it. Of a failure the span says that it happened and
 * never its message, which may quote anything.
 */
export function inSpan<Result>(name: string, options: SpanOptions, work: (span: Span) => Promise<Result>): Promise<Result> {
  return tracer.startActiveSpan(name, options, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}
