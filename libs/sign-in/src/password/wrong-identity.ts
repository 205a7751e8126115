export type WrongReason =
  | 'unknown_member'
  | 'invited'
  | 'suspended'
  | 'reset'
  | 'no_password'
  | 'wrong_password'
  | 'no_code'
  | 'wrong_code'
  /** It was right, and let somebody in before. */
  | 'used_code'
  /** The member was changed while the password was being checked. */
  | 'changed_meanwhile';

/** Somebody is not shown to be who they say. The reason is for the record; outside it would be a hint. */
export class WrongIdentity extends Error {
  override readonly name = 'WrongIdentity';
  constructor(readonly reason: WrongReason) {
    super(reason);
  }
}
