import { describe, expect, test } from '@jest/globals';
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { remoteParent } from './remote-parent.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

describe('the trace of a caller', () => {
  test.each([
    ['01', 1],
    ['00', 0],
    ['ff', 1],
  ])('is joined; of its flags %s only the one for sampling counts', (flags, traceFlags) => {
    const parent = trace.getSpanContext(remoteParent(`00-${TRACE}-${SPAN}-${flags}`));
    expect(parent).toEqual({ traceId: TRACE, spanId: SPAN, traceFlags, isRemote: true });
  });

  test.each([
    undefined,
    '',
    TRACE,
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-01-more`,
    `01-${TRACE}-${SPAN}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    ` 00-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01\n`,
  ])('is not %j', (traceparent) => expect(remoteParent(traceparent)).toBe(ROOT_CONTEXT));
});
