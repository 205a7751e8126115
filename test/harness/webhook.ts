import { randomUUID } from 'node:crypto';
import type { Keyhold, Workspace } from './service.js';

export interface WebhookAsked {
  name: string;
  url: string;
  eventTypes: string[];
}

/** For a receiver at one of the places. */
export function webhookOrder(keyhold: Keyhold, changes: Partial<WebhookAsked> = {}): WebhookAsked {
  const [place] = keyhold.places;
  if (!place) throw new Error('there is no place for a receiver');
  return { name: `W ${randomUUID()}`, url: `${place.origin}/hook`, eventTypes: ['vault.key.health_changed'], ...changes };
}

/** Its id and its secret. */
export async function aWebhook(
  keyhold: Keyhold,
  workspace: Workspace,
  changes: Partial<WebhookAsked> = {},
): Promise<{ id: string; secret: string }> {
  const { status, body, text } = await workspace.call('POST', '/webhooks', webhookOrder(keyhold, changes));
  if (status !== 201) throw new Error(`creating a webhook: ${status} ${text}`);
  return { id: body.webhook.id as string, secret: body.secret as string };
}

/** As if a worker had told the receiver of something; answers its id. */
export const anEndedDelivery = (keyhold: Pick<Keyhold, 'database'>, workspaceId: string, webhookId: string): Promise<string> =>
  aDelivery(keyhold, workspaceId, { webhookId }, 'delivered');

/** To a webhook or to an address, of something that happened; answers its id. */
export async function aDelivery(
  { database }: Pick<Keyhold, 'database'>,
  workspaceId: string,
  { webhookId, email }: { webhookId?: string; email?: string },
  state: 'waiting' | 'delivered',
): Promise<string> {
  const id = randomUUID();
  const [channel, attempts] = [email === undefined ? 'webhook' : 'email', state === 'waiting' ? 0 : 1];
  await database.asAdmin(
    `INSERT INTO alert_deliveries (workspace_id, delivery_id, event_id, event_type, channel, endpoint_id, email, state, attempts, next_attempt_at)
     SELECT $1, $2, event_id, type, $3, $4, $5, $6, $7, now() FROM audit_events
     WHERE workspace_id = $1 AND type = 'webhook.created' LIMIT 1`,
    [workspaceId, id, channel, webhookId, email, state, attempts],
  );
  return id;
}
