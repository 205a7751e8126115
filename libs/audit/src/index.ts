export { appendEvents, type AuditEvents } from './append-events.js';
export type { AuditEvent, AuditEventView, AuditedCall } from './audit-event.js';
export { ALERT_TYPES, type AlertType, EVENT_TYPES, type EventType } from './event-types.js';
export { findEvent, listEvents, type AuditFilter, type AuditPosition } from './list-events.js';
export type { Queries, Statement } from './statement.js';
