/** What can be told about: resource first, then what happened to it. A closed list; people's words for them are the console's. */
export const EVENT_TYPES = [
  'workspace.created',
  'vault.created',
  'vault.updated',
  'vault.default_changed',
  'vault.key.validated',
  'vault.key.validation_failed',
  'vault.key.health_changed',
  'item.created',
  'item.updated',
  'item.deleted',
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
] as const;
export type EventType = (typeof EVENT_TYPES)[number];
