import { type Trail } from '../cloudtrail/trail.js';
import { type QueryCall } from '../wire/aws-query.js';
import { type RequestFacts } from '../wire/request-facts.js';

/** One authenticated call of STS. */
export interface StsCall extends QueryCall, RequestFacts {
  trail: Trail;
}
