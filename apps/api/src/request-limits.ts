import type { Logger } from 'pino';
import type { Database } from '#database';
import type { RootKey } from '#envelope';
import { BucketsWithLocalCap, LocalBuckets, type Rate, RequestLimits, SharedBuckets, type WorkspaceLimits } from '#limits';
import type { Config } from './config/config.js';

const MEGABYTE = 1024 * 1024;
const clock = () => performance.now();

/** The limits of each workspace's requests, as configured, over all nodes that share the database. */
export function requestLimits(
  config: Config,
  { database, rootKey, log }: { database: Database; rootKey: RootKey; log: Logger },
): RequestLimits {
  const limits = limitsOf(config);
  const buckets = (unit: 'requests' | 'bytes', rate: Rate) =>
    new BucketsWithLocalCap(new SharedBuckets(database, rootKey, unit, rate), new LocalBuckets(rate, clock), clock, (err) =>
      log.warn({ err, unit }, 'the limits of requests hold for this node alone: the shared ones cannot be asked'),
    );
  return new RequestLimits(limits, { requests: buckets('requests', limits.requests), bytes: buckets('bytes', limits.bytes) }, clock);
}

function limitsOf({ requestsPerSecond, requestsBurst, requestsAtOnce, megabytesPerMinute }: Config): WorkspaceLimits {
  const bytesPerMinute = megabytesPerMinute * MEGABYTE;
  return {
    requests: { perSecond: requestsPerSecond, burst: requestsBurst },
    bytes: { perSecond: bytesPerMinute / 60, burst: bytesPerMinute },
    atOnceMax: requestsAtOnce,
  };
}
