import type { EventType, Queries, Statement } from '#audit';
import type { DeliveryChannel } from './delivery-ends.js';

export const DELIVERY_STATES = ['waiting', 'delivered', 'failed'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** One event for one receiver. */
export interface StoredDelivery {
  delivery_id: string;
  event_id: string;
  event_type: EventType;
  channel: DeliveryChannel;
  endpoint_id: string | null;
  email: string | null;
  state: DeliveryState;
  attempts: number;
  next_attempt_at: Date;
  last_attempt_at: Date | null;
  response_status: number | null;
  failure: string | null;
  created_at: Date;
  finished_at: Date | null;
}

const COLUMNS = `delivery_id, event_id, event_type, channel, endpoint_id, email, state, attempts, next_attempt_at, last_attempt_at,
  response_status, failure, created_at, finished_at`;

/** A receiver that is slow keeps nobody waiting but itself, and a workspace with many such receivers nobody but itself. */
const AT_ONCE = { perReceiver: 2, perWorkspace: 8, listed: 64 } as const;
/** Longer than an attempt takes. A worker that ends in the midst of one leaves it to the others after this time. */
const CLAIM_SECONDS = 60;
const FAN_OUT_AT_ONCE = 200;

/** Workspaces with events that nobody has been told of. Of the worker's own role. */
export const TO_TELL: Statement = { name: 'alerts-to-tell', text: `SELECT DISTINCT workspace_id FROM alert_outbox LIMIT 200` };

/**
 * One delivery for each receiver of each event, in the commit that takes the event from the outbox: none twice, and none left out.
 * `$2` is the time.
 */
export const FAN_OUT: Statement = {
  name: 'alerts-fan-out',
  text: `WITH taken AS (
      DELETE FROM alert_outbox WHERE workspace_id = $1 AND event_id IN (
        SELECT event_id FROM alert_outbox WHERE workspace_id = $1 ORDER BY event_id LIMIT ${FAN_OUT_AT_ONCE})
      RETURNING event_id),
    events AS (
      SELECT e.event_id, e.type, e.details ->> 'webhookId' AS about FROM taken t
      JOIN audit_events e ON e.workspace_id = $1 AND e.event_id = t.event_id)
    INSERT INTO alert_deliveries (workspace_id, delivery_id, event_id, event_type, channel, endpoint_id, email, next_attempt_at)
    SELECT $1, gen_random_uuid(), e.event_id, e.type, 'webhook', w.endpoint_id, NULL, $2::timestamptz
    FROM events e JOIN webhook_endpoints w ON w.workspace_id = $1 AND w.is_enabled
      AND (e.type = ANY (w.event_types) OR e.type = 'webhook.tested' AND e.about = w.endpoint_id::text)
    UNION ALL
    SELECT $1, gen_random_uuid(), e.event_id, e.type, 'email', NULL, s.address, $2
    FROM events e JOIN (SELECT unnest(emails) AS address, event_types FROM alert_settings WHERE workspace_id = $1) s
      ON e.type = ANY (s.event_types)`,
};

/** Deliveries that are due at `$1`, of all workspaces, as many of each as may be under way. Of the worker's own role. */
export const DUE: Statement = {
  name: 'alerts-due',
  text: `WITH waiting AS (
      SELECT workspace_id, delivery_id, next_attempt_at, coalesce(claimed_until > $1, false) AS is_claimed, endpoint_id
      FROM alert_deliveries WHERE state = 'waiting' AND next_attempt_at <= $1),
    placed AS (
      SELECT *, row_number() OVER (PARTITION BY workspace_id, endpoint_id ORDER BY is_claimed DESC, next_attempt_at, delivery_id) AS place
      FROM waiting),
    fair AS (
      SELECT *, row_number() OVER (PARTITION BY workspace_id ORDER BY is_claimed DESC, next_attempt_at, delivery_id) AS place_in_workspace
      FROM placed WHERE place <= ${AT_ONCE.perReceiver})
    SELECT workspace_id, delivery_id FROM fair WHERE place_in_workspace <= ${AT_ONCE.perWorkspace} AND NOT is_claimed
    ORDER BY next_attempt_at LIMIT ${AT_ONCE.listed}`,
};

/** Makes the caller the only one who tries it, for a time; no row when it is not to be tried now. `$3` is the time. */
export const CLAIM: Statement = {
  name: 'alert-claim',
  text: `UPDATE alert_deliveries SET attempts = attempts + 1, last_attempt_at = $3,
      claimed_until = $3::timestamptz + interval '${CLAIM_SECONDS} seconds'
    WHERE workspace_id = $1 AND delivery_id = $2 AND state = 'waiting' AND next_attempt_at <= $3
      AND (claimed_until IS NULL OR claimed_until <= $3)
    RETURNING ${COLUMNS}`,
};

const OF_THIS_ATTEMPT = `workspace_id = $1 AND delivery_id = $2 AND attempts = $3 AND state = 'waiting'`;

/** `$4` is the status of the answer, `$5` the time. The receiver is well again. */
export const DELIVERED: Statement = {
  name: 'alert-delivered',
  text: `WITH delivered AS (
      UPDATE alert_deliveries SET state = 'delivered', claimed_until = NULL, response_status = $4, failure = NULL, finished_at = $5
      WHERE ${OF_THIS_ATTEMPT} RETURNING endpoint_id)
    UPDATE webhook_endpoints w SET failing_since = NULL FROM delivered d
    WHERE w.workspace_id = $1 AND w.endpoint_id = d.endpoint_id AND w.failing_since IS NOT NULL`,
};

/** `$4` is the status of the answer, `$5` why it failed, `$6` the time of the attempt, `$7` that of the next. */
export const AGAIN: Statement = {
  name: 'alert-again',
  text: `WITH again AS (
      UPDATE alert_deliveries SET claimed_until = NULL, response_status = $4, failure = $5, next_attempt_at = $7
      WHERE ${OF_THIS_ATTEMPT} RETURNING endpoint_id)
    UPDATE webhook_endpoints w SET failing_since = $6 FROM again a
    WHERE w.workspace_id = $1 AND w.endpoint_id = a.endpoint_id AND w.failing_since IS NULL`,
};

/** What is final at the first attempt has not arrived either. */
const GIVEN_UP: Statement = {
  name: 'alert-given-up',
  text: `WITH given_up AS (
      UPDATE alert_deliveries SET state = 'failed', claimed_until = NULL, response_status = $4, failure = $5, finished_at = $6
      WHERE ${OF_THIS_ATTEMPT} RETURNING endpoint_id),
    failing AS (
      UPDATE webhook_endpoints w SET failing_since = $6 FROM given_up g
      WHERE w.workspace_id = $1 AND w.endpoint_id = g.endpoint_id AND w.failing_since IS NULL)
    SELECT 1 FROM given_up`,
};

export interface Attempt {
  deliveryId: string;
  attempts: number;
  status: number | undefined;
  failure: string;
  at: Date;
}

/** Answers whether the attempt was still the caller's. */
export async function giveUp(tx: Queries, { deliveryId, attempts, status, failure, at }: Attempt): Promise<boolean> {
  return (await tx.query(GIVEN_UP, [deliveryId, attempts, status, failure, at])).length > 0;
}

const FIND: Statement = {
  name: 'alert-delivery-find',
  text: `SELECT ${COLUMNS} FROM alert_deliveries WHERE workspace_id = $1 AND endpoint_id = $2 AND delivery_id = $3 FOR NO KEY UPDATE`,
};

const REPLAY: Statement = {
  name: 'alert-replay',
  text: `UPDATE alert_deliveries SET state = 'waiting', attempts = 0, next_attempt_at = clock_timestamp(), claimed_until = NULL, failure = NULL,
      response_status = NULL, finished_at = NULL
    WHERE workspace_id = $1 AND delivery_id = $2 RETURNING ${COLUMNS}`,
};

const LIST: Statement = {
  name: 'alert-delivery-list',
  text: `SELECT ${COLUMNS}, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS created_text
    FROM alert_deliveries WHERE workspace_id = $1 AND endpoint_id = $2 AND ($4::timestamptz IS NULL OR (created_at, delivery_id) < ($4, $5::uuid))
      AND ($6::text IS NULL OR state = $6)
    ORDER BY created_at DESC, delivery_id DESC LIMIT $3`,
};

/** Where the page before ended. */
export interface DeliveryPosition {
  at: string;
  id: string;
}

export interface ListedDelivery extends StoredDelivery {
  created_text: string;
}

export interface DeliveryFilter {
  endpointId: string;
  state?: DeliveryState | undefined;
}

/** Newest first. */
export function listDeliveries(
  tx: Queries,
  { endpointId, state }: DeliveryFilter,
  limit: number,
  after?: DeliveryPosition,
): Promise<ListedDelivery[]> {
  return tx.query<ListedDelivery>(LIST, [endpointId, limit, after?.at, after?.id, state]);
}

/** Locks it. */
export async function findDelivery(tx: Queries, endpointId: string, deliveryId: string): Promise<StoredDelivery | undefined> {
  return (await tx.query<StoredDelivery>(FIND, [endpointId, deliveryId]))[0];
}

export async function beginAgain(tx: Queries, deliveryId: string): Promise<StoredDelivery | undefined> {
  return (await tx.query<StoredDelivery>(REPLAY, [deliveryId]))[0];
}
