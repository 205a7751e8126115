import type { EventType } from '#audit';
import type { DeliveryState, StoredDelivery } from './delivery-store.js';

/** What became of telling one receiver of one event. What the receiver answered is not kept, but for its status. */
export interface DeliveryView {
  id: string;
  eventId: string;
  eventType: EventType;
  state: DeliveryState;
  attempts: number;
  nextAttemptAt: string | null;
  lastAttemptAt: string | null;
  responseStatus: number | null;
  failure: string | null;
  createdAt: string;
  finishedAt: string | null;
}

export function deliveryView(row: StoredDelivery): DeliveryView {
  return {
    id: row.delivery_id,
    eventId: row.event_id,
    eventType: row.event_type,
    state: row.state,
    attempts: row.attempts,
    nextAttemptAt: row.state === 'waiting' ? row.next_attempt_at.toISOString() : null,
    lastAttemptAt: row.last_attempt_at?.toISOString() ?? null,
    responseStatus: row.response_status,
    failure: row.failure,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}
