export type OnboardingErrorCode =
  /** Absent, or somebody else's: the two are one. */
  | 'setup_link_not_found'
  | 'setup_link_quota_reached'
  /** As many values came through this link as it takes. */
  | 'setup_proposal_quota_reached'
  | 'setup_proposal_not_found';

export class OnboardingError extends Error {
  override readonly name = 'OnboardingError';
  readonly facts: Readonly<Record<string, unknown>> = {};
  constructor(readonly code: OnboardingErrorCode) {
    super(code);
  }
}
