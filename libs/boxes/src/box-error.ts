export type BoxErrorCode =
  /** Absent, purged, somebody else's, or nothing that the caller may look into: all are one. */
  | 'box_not_found'
  | 'box_name_taken'
  | 'box_quota_reached'
  /** Items that name no box would have nowhere to go. */
  | 'box_is_default'
  /** Boxes are made for groups that one is in, not put before others. */
  | 'not_in_owner_group'
  | 'grant_not_found'
  /** The principal has one in this box already. */
  | 'grant_exists'
  | 'grant_quota_reached'
  /** There is no such member or group in the workspace. */
  | 'grant_principal_not_found'
  | 'grant_arn_not_possible'
  | 'grant_unique_id_not_possible'
  /** It is the owner group's, which goes with the box. */
  | 'grant_of_owner_group'
  /** Somebody else wrote it into the database: it counts for nothing. */
  | 'grant_not_intact';

export class BoxError extends Error {
  override readonly name = 'BoxError';
  readonly facts: Readonly<Record<string, unknown>> = {};
  constructor(readonly code: BoxErrorCode) {
    super(code);
  }
}
