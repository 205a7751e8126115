import { Signal } from '#telemetry';
import type { AwsCall } from './aws-call.js';
import type { AwsRegion } from './regions.js';

/** Each request that ended, with the time it took. */
export const awsCalls = new Signal<{ call: AwsCall; seconds: number }>();

/** Each act on a customer's key that another Region answered than the one that is preferred. */
export const regionFallbacks = new Signal<{ from: AwsRegion; to: AwsRegion }>();
