/** What can be told about: resource first, then what happened to it. A closed list; people's words for them are the console's. */
export const EVENT_TYPES = [
  'workspace.created',
  'workspace.updated',
  'sign_in.succeeded',
  'sign_in.refused',
  /** A credential that is none, or a request that its caller may not make. */
  'access.refused',
  'session.confirmed',
  'session.ended',
  'member.invited',
  /** Whoever handed it out went, or may do less than they could: nobody comes by it any more. */
  'member.invitation_withdrawn',
  'member.joined',
  'member.updated',
  'member.removed',
  'member.reset',
  'member.password_changed',
  'member.authenticator_changed',
  'member.recovery_codes_renewed',
  'owner.transferred',
  'group.created',
  'group.deleted',
  'group.member_added',
  'group.member_removed',
  'identity_provider.created',
  'identity_provider.updated',
  'identity_provider.deleted',
  'api_key.created',
  'api_key.revoked',
  'box.created',
  'box.updated',
  'box.deleted',
  'box.restored',
  'box.purged',
  'box.grant_added',
  'box.grant_changed',
  'box.grant_removed',
  'aws_setup_link.created',
  'aws_setup_link.revoked',
  /** Somebody who holds a link sent the values of a key. */
  'aws_setup_proposal.received',
  'aws_setup_proposal.discarded',
  'vault.created',
  'vault.updated',
  'vault.default_changed',
  'vault.disabled',
  'vault.enabled',
  'vault.suspended',
  'vault.resumed',
  'vault.deleted',
  'vault.restored',
  /** From its commit on nothing that was open before is used; what the nodes answered is told by the event that follows. */
  'vault.cache.purge_requested',
  /** Data keys that nodes held open were dropped. */
  'vault.cache.purged',
  'vault.key.validated',
  'vault.key.validation_failed',
  'vault.key.health_changed',
  /** Once a day as long as it stands. */
  'vault.key.pending_deletion_detected',
  /** Of a managed vault, in the platform's own account. The first is committed before AWS is asked: no key is made that nobody told of. */
  'vault.key.creation_started',
  'vault.key.creation_failed',
  'vault.key.created',
  /** Nobody came back to it: whatever was made ends. */
  'vault.key.creation_abandoned',
  'vault.key.deletion_scheduled',
  'vault.key.deletion_failed',
  'vault.key.deletion_cancelled',
  /** Whether the role still refuses everybody but us: once a day. */
  'vault.external_id_check_passed',
  'vault.external_id_check_failed',
  /** A vault moves to another key. */
  'vault.rewrap.started',
  'vault.rewrap.completed',
  'vault.rewrap.failed',
  'vault.rewrap.undone',
  'vault.rewrap.finalised',
  'item.created',
  'item.updated',
  'item.deleted',
  'item.vault.assigned',
  'item.exported',
  'item.export_refused',
  /** Committed before the vault key is asked: a crash afterwards over-reports, never under-reports. */
  'item.unseal.requested',
  'item.unsealed',
  'item.unseal.refused',
  'data.sealed',
  'data.unseal.requested',
  'data.unsealed',
  'data.unseal.refused',
  'job.created',
  /** A worker took it: at its first start, and whenever another one goes on with it. */
  'job.started',
  /** A part of it is done. */
  'job.progressed',
  'job.paused',
  'job.resumed',
  'job.cancelled',
  'job.completed',
  'job.failed',
  'drill.started',
  /** It asked the vault key. */
  'drill.asked',
  'drill.progressed',
  'drill.completed',
  'drill.failed',
  'drill.cancelled',
  'webhook.created',
  'webhook.updated',
  'webhook.deleted',
  'webhook.secret_rotated',
  'webhook.tested',
  'webhook.delivery_replayed',
  /** Given up after its last attempt. */
  'alert.delivery_failed',
  /** By the service itself, after days without one delivery. */
  'webhook.disabled',
  'alert_settings.updated',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** Of which people can be told besides the trail. */
export const ALERT_TYPES = [
  'vault.key.health_changed',
  'vault.key.pending_deletion_detected',
  'vault.external_id_check_failed',
  'job.completed',
  'job.failed',
  'drill.completed',
  'webhook.disabled',
] as const satisfies readonly EventType[];
export type AlertType = (typeof ALERT_TYPES)[number];

/** Events that somebody is told of: their commit holds the order to do so. */
export const TOLD_TYPES: ReadonlySet<EventType> = new Set([...ALERT_TYPES, 'webhook.tested']);
