/**
 * What an answer of AWS, or its absence, means for us. The border that matters runs between the first three and `refused`:
 * a Region that could not be asked may be replaced by the other one, an owner's refusal may not.
 */
export const OUTCOMES = {
  /** No intelligible answer: time-out, broken connection, fault of the service, garbage. */
  'could-not-ask': { retries: 1, backOffMs: 50, otherRegion: true },
  /** The customer's quota, which each Region counts apart. */
  throttled: { retries: 1, backOffMs: 500, otherRegion: true },
  /** True for seconds only: a replica in the making, a primary being moved, a clock just corrected. */
  passing: { retries: 2, backOffMs: 200, otherRegion: true },
  /** Ours to renew, once. Credentials hold in all Regions, so asking elsewhere gives the same answer. */
  'expired-credentials': { retries: 0, backOffMs: 0, otherRegion: false },
  /** The owner of the key or role said no. */
  refused: { retries: 0, backOffMs: 0, otherRegion: false },
  /** The owner scheduled the key's deletion. */
  'pending-deletion': { retries: 0, backOffMs: 0, otherRegion: false },
  /** Our data, our bug, or an answer that is not about what was asked. */
  ours: { retries: 0, backOffMs: 0, otherRegion: false },
} as const;

export type Outcome = keyof typeof OUTCOMES;
