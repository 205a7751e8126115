import type { AwsRegion, AwsService } from './regions.js';

/** One request that left for AWS. */
export interface AwsCall {
  service: AwsService;
  operation: string;
  region: AwsRegion;
  /** `unknown`: no intelligible answer came, so AWS may have done it and logged it. */
  outcome: 'ok' | 'refused' | 'failed' | 'unknown';
  /** The exact join key with CloudTrail. */
  requestId?: string;
  awsError?: string;
  /** Access key id that signed. Not a secret. */
  accessKeyId?: string;
}

/** The calls of one act, in the order in which they ended. The caller owns it, so that it has them after a failure too. */
export type Trail = AwsCall[];
