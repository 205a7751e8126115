import type { RequestContext } from '#access';
import type { Database } from '#database';
import { AlertError } from '../alert-error.js';
import type { WebhookRows } from '../webhooks/webhook-rows.js';
import { beginAgain, findDelivery } from './delivery-store.js';
import { type DeliveryView, deliveryView } from './delivery-view.js';

/** Tells a receiver once more, under the same message id, whatever became of it before. */
export class ReplayDelivery {
  constructor(
    private readonly database: Database,
    private readonly webhooks: WebhookRows,
  ) {}

  /** Throws AlertError `webhook_not_found`, `webhook_disabled`, `delivery_not_found` and `delivery_waiting`. */
  async run(ctx: RequestContext, endpointId: string, deliveryId: string): Promise<DeliveryView> {
    return this.database.act(ctx, async (tx) => {
      const webhook = await this.webhooks.find(tx, ctx.workspaceId, endpointId);
      if (!webhook) throw new AlertError('webhook_not_found');
      const before = await findDelivery(tx, endpointId, deliveryId);
      if (!before) throw new AlertError('delivery_not_found');
      if (!webhook.is_enabled) throw new AlertError('webhook_disabled');
      if (before.state === 'waiting') throw new AlertError('delivery_waiting');
      const begun = await beginAgain(tx, deliveryId);
      if (!begun) throw new Error('a delivery is gone in the transaction that holds it');
      const details = { webhookId: endpointId, deliveryId, eventId: before.event_id, eventType: before.event_type };
      return { result: deliveryView(begun), event: { type: 'webhook.delivery_replayed', details } };
    });
  }
}
