import type { AuditEventView, AuditedCall } from './audit-event.js';
import type { EventType } from './event-types.js';
import type { Queries, Statement } from './statement.js';

export interface AuditFilter {
  type?: EventType;
  boxId?: string;
  vaultId?: string;
  itemId?: string;
  principalId?: string;
  requestId?: string;
  kmsRequestId?: string;
  /** RFC 3339; from inclusive, to exclusive. */
  from?: string;
  to?: string;
}

/** Where the page before ended: microseconds of its last event, as text, and that event's id. */
export interface AuditPosition {
  at: string;
  id: string;
}

const COLUMNS = `event_id, type, principal_kind, principal_role, principal_id, principal_name, request_id, source_address,
  caller, box_id, vault_id, item_id, item_version, region, kms_request_id, calls, details,
  to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at_text`;

const FIND: Statement = { name: 'audit-find', text: `SELECT ${COLUMNS} FROM audit_events WHERE workspace_id = $1 AND event_id = $2` };

const LIST: Statement = {
  name: 'audit-list',
  text: `SELECT ${COLUMNS} FROM audit_events
    WHERE workspace_id = $1
      AND ($2::text IS NULL OR type = $2)
      AND ($3::uuid IS NULL OR vault_id = $3)
      AND ($4::uuid IS NULL OR item_id = $4)
      AND ($5::text IS NULL OR principal_id = $5)
      AND ($6::text IS NULL OR request_id = $6)
      AND ($7::text IS NULL OR kms_request_id = $7)
      AND ($8::timestamptz IS NULL OR at >= $8)
      AND ($9::timestamptz IS NULL OR at < $9)
      AND ($10::timestamptz IS NULL OR (at, event_id) < ($10, $11::uuid))
      AND ($13::uuid IS NULL OR box_id = $13)
    ORDER BY at DESC, event_id DESC
    LIMIT $12`,
};

interface Row {
  event_id: string;
  at_text: string;
  type: EventType;
  principal_kind: string;
  principal_role: string;
  principal_id: string;
  principal_name: string;
  request_id: string;
  source_address: string;
  caller: Record<string, unknown> | null;
  box_id: string | null;
  vault_id: string | null;
  item_id: string | null;
  item_version: number | null;
  region: string | null;
  kms_request_id: string | null;
  calls: readonly AuditedCall[] | null;
  details: Record<string, unknown> | null;
}

/** At most `limit` events, newest first, after `after`. */
export async function listEvents(tx: Queries, filter: AuditFilter, limit: number, after?: AuditPosition): Promise<AuditEventView[]> {
  const { type, boxId, vaultId, itemId, principalId, requestId, kmsRequestId, from, to } = filter;
  const values = [type, vaultId, itemId, principalId, requestId, kmsRequestId, from, to, after?.at, after?.id, limit, boxId];
  return (await tx.query<Row>(LIST, values)).map(asView);
}

export async function findEvent(tx: Queries, eventId: string): Promise<AuditEventView | undefined> {
  return (await tx.query<Row>(FIND, [eventId])).map(asView)[0];
}

function asView(row: Row): AuditEventView {
  return {
    id: row.event_id,
    at: row.at_text,
    type: row.type,
    principal: { kind: row.principal_kind, role: row.principal_role, id: row.principal_id, name: row.principal_name },
    caller: row.caller,
    requestId: row.request_id,
    sourceAddress: row.source_address,
    boxId: row.box_id,
    vaultId: row.vault_id,
    itemId: row.item_id,
    itemVersion: row.item_version,
    region: row.region,
    kmsRequestId: row.kms_request_id,
    calls: row.calls ?? [],
    details: row.details ?? {},
  };
}
