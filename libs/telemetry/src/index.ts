export { inSpan, type SpanOptions } from './in-span.js';
export { remoteParent } from './remote-parent.js';
export { Signal } from './signal.js';
