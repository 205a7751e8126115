export type MemberErrorCode =
  /** Absent, or somebody else's: the two are one. */
  | 'member_not_found'
  | 'email_taken'
  /** Invited, and not come yet. */
  | 'member_not_joined'
  /** Has come: there is nothing to invite them to. */
  | 'member_joined'
  /** Invited or suspended. */
  | 'member_not_active'
  /** Is the Owner already. */
  | 'member_is_owner'
  | 'group_not_found'
  | 'group_name_taken'
  /** Another group stands for this claim of this provider. */
  | 'group_claim_taken'
  /** Boxes are granted to the group; `cause` says how many. */
  | 'group_in_use'
  /** Its members come from an identity provider's claim, not by hand. */
  | 'group_is_mapped'
  | 'identity_provider_not_found';

export interface MemberErrorFacts {
  cause?: string;
}

export class MemberError extends Error {
  override readonly name = 'MemberError';
  constructor(
    readonly code: MemberErrorCode,
    readonly facts: Readonly<MemberErrorFacts> = {},
  ) {
    super(code);
  }
}
