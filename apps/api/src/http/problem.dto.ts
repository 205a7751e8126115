import { type KeyCheckDto } from '../vaults/key-check.dto.js';

/** One field that is not as it must be. */
export class ProblemField {
  /** Path within the body, or the name of a header or parameter. */
  field: string;
  message: string;
}

/** What went wrong, after RFC 9457. `code` is stable; texts may improve. */
export class Problem {
  /** @example "urn:keyhold:problem:vault_not_found" */
  type: string;
  /** @example "There is no such vault" */
  title: string;
  /** @example 404 */
  status: number;
  /** What the caller can do. */
  detail?: string;
  /** @example "vault_not_found" */
  code: string;
  /** Also in the `X-Request-Id` header, the log and the audit trail. */
  requestId: string;
  /** Which fields are not as they must be; values are never repeated. */
  errors?: ProblemField[];
  /** Every check of a vault's key, where those decided. */
  checks?: KeyCheckDto[];
  cause?: string;
  remedy?: string;
  /** Where AWS said no: its own name for the reason. */
  awsError?: string;
  awsRegion?: string;
  awsRequestId?: string;
  retryAfterSeconds?: number;
  /** Which policy of the `RateLimit-Policy` header is used up. */
  limit?: string;
}
