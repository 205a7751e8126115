export { LimitError, type LimitErrorCode, type LimitErrorFacts } from './limit-error.js';
export { networkOf } from './network-of.js';
export { SignInLimiter, type Permit, type Try } from './sign-in-limiter.js';
export { tryLimits, type TryLimit, type TryLimits } from './try-limits.js';
