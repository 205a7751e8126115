/** Why nobody was let in by what a provider said. For the record alone: to whoever asked they are one. */
export type OidcRefusalReason =
  /** The provider answered an error, because the person did not want to, say. */
  | 'provider_refused'
  /** Client id or secret are not what the provider knows. */
  | 'client_refused'
  /** Used, expired, or somebody else's. */
  | 'code_refused'
  /** Not from this issuer, not for us, not for this flow, expired, or not signed by a key of the provider's. */
  | 'answer_not_valid'
  | 'provider_removed'
  | 'email_not_verified'
  /** No member has this address. */
  | 'unknown_person'
  | 'member_suspended'
  | 'invitation_expired'
  /** This provider knows the member as somebody else. */
  | 'linked_to_another_subject'
  /** A verified address alone is not enough for this member. */
  | 'link_not_allowed'
  | 'identity_not_genuine'
  /** Somebody else than whose session it is. */
  | 'another_person'
  | 'session_over';

/** What a provider said about somebody, as far as it was proved. */
export interface OidcRefusalFacts {
  subject?: string;
  email?: string;
}

/** Inside this room only: it is put on record, and told as `sign_in_refused`. */
export class OidcRefusal extends Error {
  override readonly name = 'OidcRefusal';
  constructor(
    readonly reason: OidcRefusalReason,
    readonly facts: Readonly<OidcRefusalFacts> = {},
    options?: ErrorOptions,
  ) {
    super(reason, options);
  }
}
