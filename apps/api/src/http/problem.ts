import type { AccessErrorCode } from '#access';
import type { AlertErrorCode } from '#alerts';
import type { ApiKeyErrorCode } from '#api-keys';
import type { BoxErrorCode } from '#boxes';
import type { DatabaseErrorCode } from '#database';
import type { DrillErrorCode } from '#drills';
import type { ItemErrorCode } from '#items';
import type { JobErrorCode } from '#jobs';
import type { OnboardingErrorCode } from '#onboarding';
import type { LimitErrorCode } from '#limits';
import type { IdentityProviderErrorCode, SignInErrorCode } from '#sign-in';
import type { MemberErrorCode } from '#members';
import type { VaultErrorCode } from '#vaults';
import type { WorkspaceErrorCode } from '#workspaces';
import type { HttpErrorCode } from './http-error.js';
import type { KeyProblemCode } from './key-problem-codes.js';

/** Every code that an answer can carry. Rooms name their own failures; this table is where they meet HTTP. */
export type ProblemCode =
  | HttpErrorCode
  | AccessErrorCode
  | DatabaseErrorCode
  | WorkspaceErrorCode
  | MemberErrorCode
  | ApiKeyErrorCode
  | OnboardingErrorCode
  | VaultErrorCode
  | DrillErrorCode
  | BoxErrorCode
  | ItemErrorCode
  | JobErrorCode
  | AlertErrorCode
  | LimitErrorCode
  | IdentityProviderErrorCode
  | SignInErrorCode
  | 'identity_provider_unavailable'
  | KeyProblemCode;

export interface PublicText {
  status: number;
  title: string;
  /** What the caller can do, where the title does not say it. */
  detail?: string;
  retryAfterSeconds?: number;
}

export const PROBLEMS: Readonly<Record<ProblemCode, PublicText>> = {
  validation_failed: { status: 400, title: 'The request is not valid', detail: '`errors` names what is not as it must be.' },
  malformed_json: {
    status: 400,
    title: 'The body is not acceptable JSON',
    detail:
      'UTF-8, at most 32 levels deep, numbers that a double keeps (longer ones as text), and no key that names a prototype or stands twice.',
  },
  bad_request: { status: 400, title: 'The request cannot be read' },
  unsupported_media_type: { status: 415, title: 'The body must be application/json', detail: 'UTF-8, and without a content encoding.' },
  payload_too_large: { status: 413, title: 'The body or the payload is too large' },
  uri_too_long: { status: 414, title: 'The address is too long' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  expectation_failed: { status: 417, title: 'No expectation but 100-continue can be met' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  not_found: { status: 404, title: 'There is nothing at this address' },
  shutting_down: { status: 503, title: 'This server is shutting down', detail: 'Ask another one.', retryAfterSeconds: 1 },
  internal: { status: 500, title: 'Something went wrong here', detail: 'The request id leads to the cause in the log.' },

  unauthenticated: {
    status: 401,
    title: 'A valid token is needed',
    detail: 'Send it once: as `Authorization: Bearer …`, as `X-API-Key`, or as the cookie of a session.',
  },
  forbidden: { status: 403, title: 'This principal may not do this' },
  confirmation_required: {
    status: 403,
    title: 'Confirm your identity to continue',
    detail: 'This loses or exposes data. Confirm with `POST …/session/confirm`, or sign in again, and repeat the request.',
  },
  csrf_refused: {
    status: 403,
    title: 'This request did not come from a page of this service',
    detail: 'A session in a cookie needs the `X-CSRF-Token` that sign-in answered, and our own origin.',
  },

  outranked: {
    status: 403,
    title: 'This is not below your own role',
    detail:
      'Nobody invites, changes, resets or removes members of their own role or above, nor themselves. Keys of services rank with Super Admins.',
  },
  beyond_own_rights: {
    status: 403,
    title: 'Nobody hands out what they do not have',
    detail: 'This would give somebody more than the caller has: other actions, other boxes, or a longer life.',
  },

  too_many_requests: {
    status: 429,
    title: 'The workspace has used up what it may ask',
    detail: 'Others are not affected. `limit` names the policy in `RateLimit-Policy`.',
  },
  workspace_busy: {
    status: 429,
    title: 'Too many requests of the workspace are under way',
    detail: 'Others are not affected. Send fewer at the same time.',
  },
  sign_in_refused: {
    status: 401,
    title: 'You are not signed in',
    detail:
      'What was sent does not let anybody in here. It is the same answer whatever was wrong; the audit trail of the workspace tells more.',
  },
  sign_in_undecided: {
    status: 503,
    title: 'Nobody could say who you are',
    detail: 'Whoever could did not answer in time. Nothing was done: the same request may be sent again.',
    retryAfterSeconds: 2,
  },

  too_many_tries: {
    status: 429,
    title: 'Too many tries',
    detail: 'Tries that failed, of this account, from this address or in this workspace. The next one is looked at after the time told.',
  },
  tries_not_counted: {
    status: 503,
    title: 'Nobody can sign in now',
    detail: 'Tries cannot be counted, so none is let through. Nothing was done.',
  },

  identity_not_confirmed: {
    status: 403,
    title: 'Your identity is not confirmed',
    detail: 'Password or code are not right. A code counts once: wait for the next one.',
  },
  invitation_refused: {
    status: 401,
    title: 'This invitation is not valid',
    detail: 'It is unknown, used, withdrawn or expired. Ask for a new one.',
  },
  totp_code_refused: {
    status: 422,
    title: 'This is not the code of the authenticator that is being set up',
    detail: 'Its clock must be right, and `totpSetUp` must be the one that came with its secret.',
  },
  password_not_acceptable: { status: 400, title: 'This password is not acceptable', detail: '`errors` says what it must be.' },
  no_password: { status: 409, title: 'You sign in without a password here', detail: 'An identity provider vouches for you.' },
  sign_in_busy: { status: 503, title: 'Too many people sign in at once', detail: 'Nothing was done.', retryAfterSeconds: 1 },
  session_not_found: { status: 404, title: 'There is no such session' },

  webhook_not_found: { status: 404, title: 'There is no such webhook' },
  webhook_limit: { status: 409, title: 'The workspace has as many webhooks as it can have', detail: 'Delete one that nobody needs.' },
  webhook_url_rejected: {
    status: 422,
    title: 'Nothing can be sent to this URL',
    detail: '`cause` says why and `remedy` what to do. Nothing was stored.',
  },
  webhook_disabled: { status: 409, title: 'The webhook is not enabled', detail: 'Enable it first.' },
  delivery_not_found: { status: 404, title: 'There is no such delivery' },
  delivery_waiting: { status: 409, title: 'The delivery is still being tried', detail: 'It can be replayed once it has ended.' },

  job_not_found: { status: 404, title: 'There is no such job' },
  job_state_conflict: {
    status: 409,
    title: 'The job is not in a state that allows this',
    detail: 'What is queued or running can be paused, what is paused resumed, and what is not finished cancelled.',
  },

  unavailable: { status: 503, title: 'The database cannot be reached', detail: 'Nothing was done.', retryAfterSeconds: 2 },
  outcome_unknown: {
    status: 503,
    title: 'Whether this was done is not known',
    detail: 'The connection to the database broke while the change was being saved. Repeating under the same Idempotency-Key is safe.',
    retryAfterSeconds: 2,
  },
  idempotency_key_reused: {
    status: 409,
    title: 'This Idempotency-Key was used for another request',
    detail: 'A repeat must be the same request, byte for byte; another request needs another key.',
  },
  bad_cursor: { status: 400, title: 'This cursor does not belong to this list', detail: 'Start again without one.' },

  workspace_not_found: { status: 404, title: 'There is no such workspace' },

  identity_provider_not_found: { status: 404, title: 'There is no such identity provider' },
  identity_provider_name_taken: { status: 409, title: 'Another identity provider has this name' },
  identity_provider_in_use: {
    status: 409,
    title: 'Groups are filled by the claims of this identity provider',
    detail: 'Delete these groups first.',
  },
  identity_provider_limit: { status: 409, title: 'This workspace has as many identity providers as it can have' },
  identity_provider_unavailable: {
    status: 503,
    title: 'The identity provider cannot be asked',
    detail: 'It did not answer in time, or not as it must. Nothing was done; sign in again.',
    retryAfterSeconds: 5,
  },
  sign_in_not_begun: {
    status: 400,
    title: 'This sign-in was not begun in this browser',
    detail: 'Or it took longer than 10 minutes, or another one was begun since. Begin again.',
  },
  identity_provider_rejected: {
    status: 422,
    title: 'The identity provider cannot be used',
    detail: 'Nothing was stored. `cause` and `remedy` say why, and what to change.',
  },
  member_not_found: { status: 404, title: 'There is no such member' },
  email_taken: { status: 409, title: 'Another member has this address' },
  member_not_joined: {
    status: 409,
    title: 'This member has not come yet',
    detail: 'They can be invited again, or removed; who was reset can be reset again.',
  },
  member_joined: { status: 409, title: 'This member has come already', detail: 'There is nothing to invite them to.' },
  member_not_active: {
    status: 409,
    title: 'This member is not active',
    detail: 'Only somebody who has come and is not suspended can be it.',
  },
  member_is_owner: { status: 409, title: 'This member is the Owner already' },
  group_not_found: { status: 404, title: 'There is no such group' },
  group_name_taken: { status: 409, title: 'Another group has this name' },
  group_claim_taken: { status: 409, title: 'Another group stands for this claim' },
  group_in_use: { status: 409, title: 'Boxes are granted to the group', detail: 'Remove those grants first.' },
  group_is_mapped: {
    status: 409,
    title: 'An identity provider fills this group',
    detail: 'Who is in it is decided there, and taken over at sign-in.',
  },

  api_key_not_found: { status: 404, title: 'There is no such API key' },
  expiry_not_possible: { status: 400, title: 'A key cannot end then', detail: 'In the future, at most five years away.' },
  any_box_with_list: {
    status: 400,
    title: 'A key with a list of boxes cannot hand out every box',
    detail: 'Leave out `access:any_box`, or the list.',
  },

  setup_link_not_found: { status: 404, title: 'There is no such link' },
  setup_link_quota_reached: {
    status: 409,
    title: 'The workspace has as many links as can be used at the same time',
    detail: 'At most 10. Revoke one that is not needed any more.',
  },
  setup_proposal_quota_reached: {
    status: 409,
    title: 'As many values came through this link as it takes',
    detail: 'At most 5. Ask whoever sent the link.',
  },
  setup_proposal_not_found: { status: 404, title: 'There is no such proposal' },

  vault_not_found: { status: 404, title: 'There is no such vault' },
  vault_name_taken: { status: 409, title: 'Another vault has this name' },
  vault_key_rejected: {
    status: 422,
    title: 'The vault key did not pass its checks',
    detail: 'Nothing was stored. `checks` tell which failed, why, and what to change.',
  },
  vault_being_created: {
    status: 409,
    title: 'A vault of this name is being created',
    detail: 'Its key is being made by another request. The same request may be sent again, and goes on where that one ends.',
    retryAfterSeconds: 5,
  },
  vault_is_default: {
    status: 409,
    title: 'Items that name no vault go into this one',
    detail: 'Make another vault the default first.',
  },
  vault_not_empty: {
    status: 409,
    title: 'Items are sealed in this vault',
    detail:
      'Delete them, or move them to another vault, old versions included. Items of a deleted box count until the box is purged: it can ' +
      'be restored with them until then.',
  },
  vault_has_jobs: {
    status: 409,
    title: 'A job works on this vault',
    detail: 'Wait for its end, or cancel it.',
  },
  vault_key_given_out: {
    status: 409,
    title: 'Data was sealed under this vault’s key for callers that keep it themselves',
    detail:
      'What `POST …/seal` answered is stored nowhere here. Nobody can know any more whether something of it is still needed, and without ' +
      'the key all of it would be lost: the vault stays. Disable it to have nothing new sealed.',
  },
  vault_key_deletion_under_way: {
    status: 409,
    title: 'AWS is being told about this key',
    detail: 'The vault can be restored once the end of its key is scheduled. Try again shortly.',
    retryAfterSeconds: 5,
  },
  vault_moving: {
    status: 409,
    title: 'Something is being moved in this vault already',
    detail: 'One job moves a vault to another key, or items out of it, at a time. Wait for it, or cancel it: `GET …/jobs?vaultId=`.',
  },
  nothing_to_undo: {
    status: 409,
    title: 'There is no earlier key to go back to',
    detail: 'What a move to another key replaced is kept for 24 hours after its last step.',
  },
  same_vault: { status: 422, title: 'Both are the same vault' },
  vault_disabled: { status: 409, title: 'The vault is disabled', detail: 'It takes no new items; what it holds can be unsealed.' },
  vault_suspended: { status: 409, title: 'The vault is suspended', detail: 'It neither takes nor gives until it is resumed.' },
  vault_not_resumed: {
    status: 409,
    title: 'The vault stays suspended',
    detail: 'Its key did not pass its checks. `checks` tell which failed, why, and what to change.',
  },
  purge_not_found: { status: 404, title: 'There is no such purge' },

  drill_not_found: { status: 404, title: 'There is no such drill' },
  drill_not_possible: {
    status: 409,
    title: 'There is nothing to drill',
    detail: 'No customer holds the key of this vault, so nobody could withdraw it, and it stands in no second Region.',
  },
  drill_under_way: {
    status: 409,
    title: 'Another drill of this vault is under way',
    detail: 'One at a time. It ends by itself, or when somebody cancels it.',
  },
  drill_is_over: { status: 409, title: 'This drill has ended already' },

  box_not_found: { status: 404, title: 'There is no such box' },
  box_name_taken: {
    status: 409,
    title: 'Another box has this name',
    detail: 'Names are unique in a workspace; A to Z and a to z are one. A deleted box can be restored under another `name`.',
  },
  box_quota_reached: {
    status: 409,
    title: 'The workspace has as many boxes as it may',
    detail: 'Delete some. Deleted ones count until they are purged, when there are as many again.',
  },
  box_is_default: {
    status: 409,
    title: 'Items that name no box go into this one',
    detail: 'Give the workspace another default box first.',
  },
  not_in_owner_group: {
    status: 403,
    title: 'The owner group of a box must be one of your own',
    detail: 'Who may hand out access to every box can name any group.',
  },
  grant_not_found: { status: 404, title: 'There is no such grant' },
  grant_exists: {
    status: 409,
    title: 'This principal has a grant in this box already',
    detail: 'Change its role, or remove it first.',
  },
  grant_quota_reached: {
    status: 409,
    title: 'The box has as many grants as it may',
    detail: 'At most 500. Give a group one grant instead.',
  },
  grant_principal_not_found: { status: 404, title: 'There is no such member or group' },
  grant_arn_not_possible: {
    status: 400,
    title: 'No AWS identity is called by this ARN',
    detail:
      'Spelled as IAM spells it, without wildcards: `arn:aws:iam::<account>:role/<name>`, `…:user/<path/name>`, `…:root`, ' +
      '`arn:aws:sts::<account>:assumed-role/<role>/<session>` or `…:federated-user/<name>`.',
  },
  grant_unique_id_not_possible: {
    status: 400,
    title: 'This unique id does not suit the ARN',
    detail: '`AROA…` for a role or its session, `AIDA…` for a user; others have none.',
  },
  grant_of_owner_group: {
    status: 409,
    title: 'This grant is what makes the group the owner of the box',
    detail: 'Give the box another `ownerGroupId` instead: it has always one.',
  },
  grant_not_intact: {
    status: 409,
    title: 'This grant was changed past the service',
    detail: 'It counts for nothing. Remove it, and grant anew what is meant.',
  },

  item_not_found: { status: 404, title: 'There is no such item' },
  item_version_not_found: { status: 404, title: 'The item has no such version' },
  item_version_conflict: {
    status: 409,
    title: 'Another version of the item was sealed at the same time',
    detail: 'Nothing of this one was stored: look at the newer version, then try again.',
  },
  export_not_possible: {
    status: 409,
    title: 'The item cannot be exported',
    detail: 'Its vault has no public key that it could be wrapped for.',
  },
  item_too_large_to_move: {
    status: 422,
    title: 'This item is too large to be moved',
    detail: 'All its versions are moved together, and they are more than 64 MiB. Delete it and seal its payload anew.',
  },
  category_not_possible: { status: 400, title: 'An account has no category' },

  vault_key_refused: {
    status: 409,
    title: 'The owner of the vault key refuses its use',
    detail: 'Nothing is sealed or unsealed until the key works again. `cause` and `remedy` say what to change.',
  },
  vault_key_pending_deletion: {
    status: 409,
    title: 'The vault key is about to be deleted',
    detail: 'Cancel its deletion in AWS; what is sealed under a deleted key is lost.',
  },
  vault_key_unreachable: {
    status: 503,
    title: 'The vault key cannot be asked',
    detail: 'No Region answered in time.',
    retryAfterSeconds: 5,
  },
  vault_key_busy: { status: 503, title: 'Too many requests wait for this vault key', retryAfterSeconds: 1 },
  vault_config_not_valid: { status: 400, title: 'The configuration of the vault key is not valid' },
  sealed_data_not_intact: {
    status: 422,
    title: 'The sealed data is not intact',
    detail: 'Changed, moved, or sealed elsewhere; which of these is never told.',
  },
};
