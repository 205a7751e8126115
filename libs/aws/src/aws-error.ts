import type { AwsRegion, AwsService } from './regions.js';
import type { Outcome } from './outcomes.js';
import type { Denial } from './denial.js';

export type AwsErrorCode =
  | Outcome
  /** Too many calls for this vault are already under way in this process. */
  | 'busy'
  /** The service's own identity could not be established. Says nothing about the customer. */
  | 'platform'
  /** The options given at start-up cannot be used. */
  | 'bad_options';

export interface AwsErrorFacts {
  service?: AwsService;
  operation?: string;
  region?: AwsRegion;
  /** The name AWS gave, or a word of ours where no intelligible answer came. Never AWS's message. */
  awsError?: string;
  requestId?: string;
  denial?: Denial;
  /** What is wrong with the options. */
  reason?: string;
}

/**
 * The one error of this lib. It keeps names and ids and drops the SDK's error object: that one holds the raw answer, and the
 * message of a JSON syntax error quotes it, plaintext included.
 */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  constructor(
    readonly code: AwsErrorCode,
    readonly facts: AwsErrorFacts = {},
  ) {
    super([code, facts.reason, facts.operation, facts.region, facts.awsError].filter(Boolean).join(' '));
  }
}
