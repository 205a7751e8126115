/** One check of a vault's key. */
export class KeyCheckDto {
  /** Which step. */
  check: string;
  /** Where, for a step that was made in one Region. */
  region?: string;
  ok: boolean;
  /** Why not; with `ok`, a reservation. */
  cause?: string;
  /** AWS's own name for the reason. */
  awsError?: string;
  awsRequestId?: string;
  /** What to change, and where. */
  remedy?: string;
}
