import type { RequestContext } from '#access';
import type { Database } from '#database';
import { AlertError } from '../alert-error.js';
import type { WebhookOrder } from './create-webhook.js';
import type { WebhookRows } from './webhook-rows.js';
import type { WebhookTargets } from './webhook-targets.js';
import { type WebhookView, recordOf, webhookView } from './webhook-view.js';

export interface WebhookChange extends Partial<WebhookOrder> {
  enabled?: boolean;
}

/** Changes what is named; the rest stays. */
export class UpdateWebhook {
  constructor(
    private readonly database: Database,
    private readonly rows: WebhookRows,
    private readonly targets: WebhookTargets,
  ) {}

  /** Throws AlertError `webhook_not_found` and `webhook_url_rejected`. */
  async run(ctx: RequestContext, endpointId: string, change: WebhookChange): Promise<WebhookView> {
    if (change.url !== undefined) await this.targets.assertAllowed(change.url);
    return this.database.act(ctx, async (tx) => {
      const before = await this.rows.findToChange(tx, ctx.workspaceId, endpointId);
      if (!before) throw new AlertError('webhook_not_found');
      const { name = before.name, url = before.url, eventTypes = before.event_types, enabled = before.is_enabled } = change;
      const changed = { ...before, name, url, event_types: eventTypes, is_enabled: enabled };
      const after = await this.rows.update(tx, ctx.workspaceId, changed);
      const details = { before: recordOf(before), after: recordOf(after), urlChanged: before.url !== after.url };
      return { result: webhookView(after), event: { type: 'webhook.updated', details } };
    });
  }
}
