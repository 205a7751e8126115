import type { AlertType } from '#audit';
import type { WebhookRow } from './webhook-rows.js';

/** A receiver as its administrators see it; the secret is told once, when it is made. */
export interface WebhookView {
  id: string;
  name: string;
  url: string;
  eventTypes: AlertType[];
  enabled: boolean;
  /** Since when nothing has arrived there. */
  failingSince: string | null;
  /** Until when the secret before the present one signs as well. */
  previousSecretUntil: string | null;
  createdAt: string;
  updatedAt: string;
}

export function webhookView(row: WebhookRow): WebhookView {
  return {
    id: row.endpoint_id,
    name: row.name,
    url: row.url,
    eventTypes: [...row.event_types],
    enabled: row.is_enabled,
    failingSince: row.failing_since?.toISOString() ?? null,
    previousSecretUntil: row.previous_secret_until?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

/** What the trail keeps of a receiver. Behind the origin of a URL there may be a secret of its owner's. */
export function recordOf({ endpoint_id: webhookId, name, url, event_types: eventTypes, is_enabled: enabled }: WebhookRow) {
  return { webhookId, name, origin: new URL(url).origin, eventTypes, enabled };
}
