export { OutboundAddresses, type HostAddress } from './outbound-addresses.js';
export { OutboundError, type OutboundErrorCode } from './outbound-error.js';
export { openRequest, type OutboundRequest } from './open-request.js';
export { mayBePublic } from './public-name.js';
export { within } from './within.js';
