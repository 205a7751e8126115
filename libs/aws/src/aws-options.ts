import type { Clock } from './clock.js';
import type { RegionPair } from './regions.js';

export interface StaticCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface AwsLimits {
  /** One request, from connecting to the last byte of the answer. */
  attemptMs: number;
  /** One act: queueing, signing in, all attempts in all Regions and the pauses between them. */
  totalMs: number;
  connectMs: number;
  /** Open connections per Region. */
  socketsMax: number;
  /** Calls of one vault under way at once, and waiting behind them. Well below `socketsMax`, so that one hanging customer starves nobody. */
  callsPerVault: number;
  queuedPerVault: number;
  /** Role sessions kept. The least recently used goes first. */
  sessionsMax: number;
  /** How long the service's own role is not asked for again when AWS refused it. */
  refusalMemoryMs: number;
}

export const AWS_LIMITS: Readonly<AwsLimits> = {
  attemptMs: 1_500,
  totalMs: 4_000,
  connectMs: 1_000,
  socketsMax: 256,
  callsPerVault: 8,
  queuedPerVault: 64,
  sessionsMax: 10_000,
  refusalMemoryMs: 30_000,
};

/** Everything this lib needs to know. It reads no environment; only the SDK's search for the base identity may, when none is given. */
export interface AwsOptions {
  readonly regions: RegionPair;
  /** The role that customers' trust policies name. */
  readonly principalArn: string;
  /** `ambient`: the base identity already is the principal role. `assume`: it assumes the principal role first. */
  readonly mode: 'ambient' | 'assume';
  /** The service's own identity. Without it the SDK's default chain finds one (instance or task role, web identity, …). */
  readonly baseCredentials?: StaticCredentials;
  /** One address for both services in all Regions, instead of AWS's own. For the sandbox. */
  readonly endpoint?: string;
  readonly limits?: Partial<AwsLimits>;
  readonly clock?: Clock;
  /** Uniform in [0, 1): jitter only. */
  readonly random?: () => number;
}
