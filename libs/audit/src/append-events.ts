import { randomUUIDv7 } from 'node:crypto';
import { type RequestContext, callerDetails } from '#access';
import type { AuditEvent } from './audit-event.js';
import { TOLD_TYPES } from './event-types.js';
import type { Statement } from './statement.js';

export type AuditEvents = AuditEvent | readonly [AuditEvent, ...AuditEvent[]];

/** One statement for one event or a thousand; the database's clock dates them. */
const APPEND: Statement = {
  name: 'audit-append',
  text: `INSERT INTO audit_events (workspace_id, event_id, type, principal_kind, principal_role, principal_id, principal_name,
      request_id, source_address, caller, box_id, vault_id, item_id, item_version, region, kms_request_id, calls, details)
    SELECT $1, e.id, e.type, $2, $3, $4, $5, $6, $7, $8::jsonb, e.box, e.vault, e.item, e.version, e.region, e.request, e.calls, e.details
    FROM jsonb_to_recordset($9::jsonb) AS e (id uuid, type text, box uuid, vault uuid, item uuid, version integer, region text, request text,
      calls jsonb, details jsonb)`,
};

/** The same, with the order to tell of them in the same commit: no alert is lost, and none tells what did not happen. */
const APPEND_AND_TELL: Statement = {
  name: 'audit-append-and-tell',
  text: `WITH appended AS (${APPEND.text} RETURNING event_id, type)
    INSERT INTO alert_outbox (workspace_id, event_id) SELECT $1, event_id FROM appended WHERE type = ANY ($10)`,
};

/** Statement and values (without the workspace) that append the events of one act by `ctx`. */
export function appendEvents(ctx: RequestContext, events: AuditEvents): { statement: Statement; values: readonly unknown[] } {
  const { kind, role, id, name } = ctx.principal;
  const rows = (Array.isArray(events) ? (events as readonly AuditEvent[]) : [events as AuditEvent]).map(asRow);
  const caller = callerDetails(ctx.principal);
  const values = [kind, role, id, name, ctx.requestId, ctx.sourceAddress, caller && JSON.stringify(caller), JSON.stringify(rows)];
  if (!rows.some(({ type }) => TOLD_TYPES.has(type))) return { statement: APPEND, values };
  return { statement: APPEND_AND_TELL, values: [...values, [...TOLD_TYPES]] };
}

function asRow(event: AuditEvent) {
  const deciding = event.calls?.findLast((call) => call.service === 'kms') ?? event.provedBy;
  return {
    id: randomUUIDv7(),
    type: event.type,
    box: event.boxId,
    vault: event.vaultId,
    item: event.itemId,
    version: event.itemVersion,
    region: deciding?.region,
    request: deciding?.requestId,
    calls: event.calls,
    details: event.details,
  };
}
